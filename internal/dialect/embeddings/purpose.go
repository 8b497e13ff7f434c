package embeddings

import "strings"

// The words for what a vector is for. Vendors have the same few purposes under different
// names; a word that is none of them passes as it is.
var purposes = [...]struct{ cohere, gemini, short string }{
	{"search_query", "RETRIEVAL_QUERY", "query"},
	{"search_document", "RETRIEVAL_DOCUMENT", "document"},
	{"classification", "CLASSIFICATION", ""},
	{"clustering", "CLUSTERING", ""},
	{"", "SEMANTIC_SIMILARITY", ""},
	{"", "QUESTION_ANSWERING", "query"},
	{"", "FACT_VERIFICATION", "query"},
	{"", "CODE_RETRIEVAL_QUERY", "query"},
}

func purpose(word string) (cohere, gemini, short string, known bool) {
	for _, p := range purposes {
		if strings.EqualFold(word, p.gemini) || word != "" && (word == p.cohere || word == p.short) {
			return p.cohere, p.gemini, p.short, true
		}
	}
	return "", "", "", false
}

// cohereType is a purpose in Cohere's words.
func cohereType(word string) string {
	if c, _, _, _ := purpose(word); c != "" {
		return c
	}
	return word
}

// geminiType is a purpose in Gemini's words.
func geminiType(word string) string {
	if _, g, _, ok := purpose(word); ok {
		return g
	}
	return word
}

// shortType is a purpose in Voyage's words.
func shortType(word string) string {
	if _, _, s, _ := purpose(word); s != "" {
		return s
	}
	return word
}
