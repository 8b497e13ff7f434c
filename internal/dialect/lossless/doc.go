// Package lossless holds every field that the client dialects document, and the test that
// each of them arrives at each upstream or is reported as lost. A new field, dialect or
// adapter is a row, a file or a column there; docs/compatibility.md is what comes out.
package lossless
