package catalog

import "testing"

// The whole program must answer within 60 ms of its start; the catalogue may take 12 of
// them on one core.
func BenchmarkLoad(b *testing.B) {
	files := Files{Providers: providersText, Models: modelsText, Endpoints: endpointsText, Aliases: aliasesText}
	b.ReportAllocs()
	for b.Loop() {
		d, err := Read(files)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Build(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	s := snapshot(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Resolve("openai/gpt-4o-mini"); err != nil {
			b.Fatal(err)
		}
	}
}

// An unknown name costs a look at every model; it must not be a way to keep us busy.
func BenchmarkResolveUnknown(b *testing.B) {
	s := snapshot(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Resolve("openai/gpt4o-minni"); err == nil {
			b.Fatal("there is such a model")
		}
	}
}

// snapshot is the embedded catalogue under overlays.
func snapshot(t testing.TB, overlays ...Overlay) *Snapshot {
	t.Helper()
	d, err := Embedded()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Build(d, overlays...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
