package telemetry

import (
	"bytes"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/sigv4"
)

// linesType is the media type of a file with JSON on each line.
const linesType = "application/jsonl"

// bucketURL is where objects are put: below the bucket's own host at AWS, which a name with a
// dot has no certificate for, and below its path elsewhere
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
func bucketURL(get func(string) string) string {
	name, host := get("bucketName"), "s3."+get("region")+".amazonaws.com"
	switch endpoint := get("endpoint"); {
	case endpoint != "":
		return endpoint + "/" + name
	case strings.Contains(name, "."):
		return "https://" + host + "/" + name
	}
	return "https://" + name + "." + host
}

// objects writes files of traces, one on each line, as OpenTelemetry has them in files
// (https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/): one for each path that
// the template makes of the events, named by the first.
func objects(get func(string) string) writer {
	return func(t *Target, d *account.Destination, events []Event) ([]Call, error) {
		if len(events) == 0 {
			return []Call{{objectURL(t, get("prefix")+"/connection-test.jsonl"), linesType, nil}}, nil
		}
		files := map[string]*bytes.Buffer{}
		named := map[string]string{}
		as := *t
		as.JSON = true
		for i := range events {
			line, _, err := encode(&as, d, events[i:i+1])
			if err != nil {
				return nil, err
			}
			path := objectPath(get, &events[i])
			if files[path] == nil {
				files[path], named[path] = &bytes.Buffer{}, objectName(&events[i])
			}
			files[path].Write(append(line, '\n'))
		}
		var calls []Call
		for _, path := range slices.Sorted(maps.Keys(files)) {
			calls = append(calls, Call{objectURL(t, path+"/"+named[path]), linesType, files[path].Bytes()})
		}
		return calls, nil
	}
}

func objectURL(t *Target, key string) string {
	return t.URL + "/" + sigv4.EscapePath(strings.TrimPrefix(key, "/"))
}

// objectName is the same however often the events are sent.
func objectName(e *Event) string {
	trace, _ := idsOf(e.Record)
	return hex.EncodeToString(trace) + "-" + strconv.FormatInt(e.Record.Created.UnixMilli(), 10) + ".jsonl"
}

// objectPath is the template with an event's values.
func objectPath(get func(string) string, e *Event) string {
	day := e.Record.Created.UTC().Format("2006-01-02")
	return strings.Trim(strings.NewReplacer("{prefix}", get("prefix"), "{date}", day, "{year}", day[:4], "{month}", day[5:7], "{day}", day[8:],
		"{apiKeyName}", segment(e.KeyName)).Replace(get("pathTemplate")), "/")
}

// segment is a name as one segment of a path.
func segment(name string) string {
	name = strings.ReplaceAll(name, "/", "_")
	if strings.Trim(name, ".") == "" {
		return "_"
	}
	return name
}
