package openaichat

import (
	"github.com/dragoman-gateway/dragoman/internal/dialect/field"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func stop(path string, v rawjson.Node) error {
	switch v.Kind() {
	case rawjson.String:
		return nil
	case rawjson.Array:
		_, err := field.Strs(path, v, 4, 1<<16)
		return err
	}
	return field.Bad(path, v, "a string or an array of up to 4 strings")
}

func logitBias(path string, v rawjson.Node) error {
	if err := field.Want(path, v, rawjson.Object); err != nil {
		return err
	}
	for k, b := range v.Members() {
		if err := field.Number(path+"."+k.Str(), b, -100, 100); err != nil {
			return err
		}
	}
	return nil
}

func toolChoice(v rawjson.Node) error {
	switch v.Kind() {
	case rawjson.String:
		_, err := field.OneOf("tool_choice", v, []string{"none", "auto", "required", "any"})
		return err
	case rawjson.Object:
		if v.Get("type").Is("function") && v.Get("function").Get("name").Kind() != rawjson.String {
			return field.Bad("tool_choice.function.name", v.Get("function").Get("name"), "a string")
		}
		return nil
	}
	return field.Bad("tool_choice", v, "none, auto, required or an object")
}
