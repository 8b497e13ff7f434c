package telemetry

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	common "go.opentelemetry.io/proto/slim/otlp/common/v1"

	"github.com/dragoman-gateway/dragoman/internal/account"
)

// column is one of the table that warehouses have requests in, a row each. The names are
// those of OpenRouter's examples; docs/observability.md has the tables.
type column struct {
	name  string
	cast  string // what Snowflake makes of JSON
	value func(Event, *account.Destination) any
}

// document is JSON within a row.
type document json.RawMessage

var columns = [...]column{
	{"TRACE_ID", "STRING", func(e Event, _ *account.Destination) any { id, _ := idsOf(e.Record); return hex.EncodeToString(id) }},
	{"GENERATION_ID", "STRING", func(e Event, _ *account.Destination) any { return e.Record.ID }},
	{"TIMESTAMP", "TIMESTAMP_NTZ", func(e Event, _ *account.Destination) any {
		return e.Record.Created.UTC().Format("2006-01-02 15:04:05.000")
	}},
	{"SPAN_TYPE", "STRING", func(e Event, _ *account.Destination) any { return spanType(e) }},
	{"STATUS", "STRING", func(e Event, _ *account.Destination) any { return rowStatus(e) }},
	{"ERROR", "STRING", func(e Event, _ *account.Destination) any { return valid(why(e.Record)) }},
	{"MODEL", "STRING", func(e Event, _ *account.Destination) any { return valid(modelOf(e.Record)) }},
	{"PROVIDER_NAME", "STRING", func(e Event, _ *account.Destination) any { return e.Record.Provider }},
	{"FINISH_REASON", "STRING", func(e Event, _ *account.Destination) any { return string(e.Record.Finish) }},
	{"SESSION_ID", "STRING", func(e Event, _ *account.Destination) any { return valid(e.Record.Session) }},
	{"USER_ID", "STRING", func(e Event, d *account.Destination) any {
		return identity(e, d, cmp.Or(e.Record.User, e.Record.Member))
	}},
	{"API_KEY_NAME", "STRING", func(e Event, d *account.Destination) any { return identity(e, d, e.KeyName) }},
	{"DURATION_MS", "NUMBER", func(e Event, _ *account.Destination) any { return e.Record.GenerationMS }},
	{"TIME_TO_FIRST_TOKEN_MS", "NUMBER", func(e Event, _ *account.Destination) any { return e.Record.LatencyMS }},
	{"PROMPT_TOKENS", "NUMBER", func(e Event, _ *account.Destination) any { return e.Record.Usage.Prompt() }},
	{"COMPLETION_TOKENS", "NUMBER", func(e Event, _ *account.Destination) any { return e.Record.Usage.Completion() }},
	{"TOTAL_TOKENS", "NUMBER", func(e Event, _ *account.Destination) any {
		return e.Record.Usage.Prompt() + e.Record.Usage.Completion()
	}},
	{"TOTAL_COST", "NUMBER(20,9)", func(e Event, d *account.Destination) any {
		if !d.Cost {
			return nil
		}
		return e.Record.Cost
	}},
	{"INPUT", "", func(e Event, _ *account.Destination) any {
		if e.Said == nil {
			return nil
		}
		return talk(asked(e.Said.Input))
	}},
	{"OUTPUT", "", func(e Event, _ *account.Destination) any {
		if e.Said == nil {
			return nil
		}
		return talk(answered(e))
	}},
	{"ATTRIBUTES", "", func(e Event, d *account.Destination) any { return facts(e, d).document() }},
}

func spanType(e Event) string {
	if e.Record.API == "completions" {
		return "GENERATION"
	}
	return strings.ToUpper(e.Record.API)
}

func rowStatus(e Event) string {
	if failed(e.Record) {
		return "error"
	}
	return "ok"
}

func identity(e Event, d *account.Destination, name string) any {
	if !d.Identity {
		return nil
	}
	return valid(name)
}

// talk is messages as a document; nil for none.
func talk(list []message) any {
	if list == nil {
		return nil
	}
	return marshalled(map[string][]turn{"messages": turns(list)})
}

// document is attributes as one.
func (l list) document() document {
	out := map[string]any{}
	for _, kv := range l {
		out[kv.Key] = plain(kv.Value)
	}
	return marshalled(out)
}

// plain is the value of an attribute as JSON has it.
func plain(v *common.AnyValue) any {
	switch v := v.Value.(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_IntValue:
		return v.IntValue
	case *common.AnyValue_BoolValue:
		return v.BoolValue
	case *common.AnyValue_DoubleValue:
		return v.DoubleValue
	case *common.AnyValue_ArrayValue:
		var out []any
		for _, e := range v.ArrayValue.Values {
			out = append(out, plain(e))
		}
		return out
	}
	return nil
}

// marshalled is the JSON of texts, numbers and lists of them, which always has one.
func marshalled(v any) document {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("telemetry: a document has no JSON: %v", err))
	}
	return raw
}

// row is an event as a JSON object, without columns that have nothing. Documents are in it as
// they are, or as texts.
func row(e Event, d *account.Destination, texts bool) []byte {
	var b bytes.Buffer
	for i := range columns {
		v := columns[i].value(e, d)
		if v == nil || v == "" {
			continue
		}
		if doc, is := v.(document); is && texts {
			v = string(doc)
		} else if is {
			v = json.RawMessage(doc)
		}
		b.WriteByte("{,"[min(b.Len(), 1)])
		fmt.Fprintf(&b, "%q:%s", columns[i].name, marshalled(v))
	}
	b.WriteByte('}')
	return b.Bytes()
}

// clickhouseQuery is the parameters of an INSERT, whose rows are the body; fields that the
// table has no column for are passed over
// (https://clickhouse.com/docs/interfaces/http, https://clickhouse.com/docs/interfaces/formats/JSONEachRow).
func clickhouseQuery(database, table string) string {
	return url.Values{"query": {"INSERT INTO `" + database + "`.`" + table + "` FORMAT JSONEachRow"}, "input_format_skip_unknown_fields": {"1"}}.Encode()
}

// lines writes a row per line.
func lines(func(string) string) writer {
	return func(t *Target, d *account.Destination, events []Event) ([]Call, error) {
		var b bytes.Buffer
		for i := range events {
			b.Write(append(row(events[i], d, true), '\n'))
		}
		return []Call{{t.URL, linesType, b.Bytes()}}, nil
	}
}

// statement writes an INSERT of Snowflake's SQL API whose one parameter has the rows
// (https://docs.snowflake.com/en/developer-guide/sql-api/submitting-requests,
// https://docs.snowflake.com/en/sql-reference/functions/flatten).
func statement(get func(string) string) writer {
	var names, values []string
	for i := range columns {
		c := &columns[i]
		names, values = append(names, c.name), append(values, "value:"+c.name)
		if c.cast != "" {
			values[i] += "::" + c.cast
		}
	}
	insert := "INSERT INTO " + get("table") + " (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?)))"
	type binding struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	return func(t *Target, d *account.Destination, events []Event) ([]Call, error) {
		rows := make([]string, len(events))
		for i := range events {
			rows[i] = string(row(events[i], d, false))
		}
		body := marshalled(map[string]any{
			"statement": insert, "bindings": map[string]binding{"1": {"TEXT", "[" + strings.Join(rows, ",") + "]"}},
			"database": get("database"), "schema": get("schema"), "warehouse": get("warehouse"),
		})
		return []Call{{t.URL, jsonType, body}}, nil
	}
}
