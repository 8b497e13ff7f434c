//go:build !race

package app

// probes is how many requests TestNothingOfAnotherOrganisationIsSeen makes.
const probes = 100_000
