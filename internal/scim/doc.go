// Package scim is the protocol by which identity providers tell who is there: SCIM 2.0, its
// resources (RFC 7643), filters, patches and errors (RFC 7644), also in the forms that Okta
// and Entra send. It promises that a patch is applied whole or refused, and that any filter
// ends in time linear in what it looks at. It deliberately has no HTTP and no storage, and
// knows no member: that is package provision's. Start with Resource, ParseFilter and Patch.
package scim

import "strings"

// The schemas (RFC 7643 §4, RFC 7644 §8.2).
const (
	UserSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	GroupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	EnterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

	listSchema     = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	patchSchema    = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	errorSchema    = "urn:ietf:params:scim:api:messages:2.0:Error"
	configSchema   = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
	typeSchema     = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	documentSchema = "urn:ietf:params:scim:schemas:core:2.0:Schema"
)

// MediaType is that of everything SCIM (RFC 7644 §8.1).
const MediaType = "application/scim+json"

// Resource is a user, a group or a part of one as decoded JSON: texts, numbers, truth values,
// lists and objects. Names of attributes are the same in any case (RFC 7643 §2.1).
type Resource map[string]any

// get is an attribute, and the name it has in the resource.
func (r Resource) get(name string) (key string, value any) {
	if v, ok := r[name]; ok {
		return name, v
	}
	for k, v := range r {
		if strings.EqualFold(k, name) {
			return k, v
		}
	}
	return name, nil
}

// object is a value as an object; nil when it is none.
func object(v any) Resource {
	switch m := v.(type) {
	case Resource:
		return m
	case map[string]any:
		return m
	}
	return nil
}

// list is a value as a list: one that is none is a list of one, nothing an empty one.
func list(v any) []any {
	switch l := v.(type) {
	case nil:
		return nil
	case []any:
		return l
	}
	return []any{v}
}

// multi are the attributes with several values (RFC 7643 §4).
func multi(name string) bool {
	switch strings.ToLower(name) {
	case "emails", "roles", "members", "groups", "phonenumbers", "ims", "photos", "addresses", "entitlements", "x509certificates":
		return true
	}
	return false
}

// fixed are the attributes that only we set.
func fixed(name string) bool {
	switch strings.ToLower(name) {
	case "id", "meta", "schemas", "groups":
		return true
	}
	return false
}

// exact are the attributes whose texts differ by case.
func exact(path Path) bool {
	switch strings.ToLower(path.Name) {
	case "id", "externalid", "meta", "schemas", "members", "groups":
		return true
	}
	return false
}
