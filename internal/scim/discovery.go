package scim

// Base is where SCIM answers below the address of the gateway.
const Base = "/scim/v2"

// Discovery are the documents that say what a server can do (RFC 7644 §4), by the path below
// the base.
func Discovery(base string) map[string]any {
	types := []any{
		resourceType(base, "User", "Users", UserSchema, "A member of the organization"),
		resourceType(base, "Group", "Groups", GroupSchema, "A group of members"),
	}
	schemas := []any{userDocument(base), groupDocument(base)}
	docs := map[string]any{
		"/ServiceProviderConfig": serviceProviderConfig(base),
		"/ResourceTypes":         unpaged(types),
		"/Schemas":               unpaged(schemas),
	}
	for i, name := range []string{"User", "Group"} {
		docs["/ResourceTypes/"+name] = types[i]
		docs["/Schemas/"+[]string{UserSchema, GroupSchema}[i]] = schemas[i]
	}
	return docs
}

// unpaged is a list that has no pages.
func unpaged(all []any) Resource {
	return Resource{"schemas": []string{listSchema}, "totalResults": len(all), "startIndex": 1, "itemsPerPage": len(all), "Resources": all}
}

func serviceProviderConfig(base string) Resource {
	can := func(is bool) Resource { return Resource{"supported": is} }
	return Resource{
		"schemas": []string{configSchema},
		"patch":   can(true), "changePassword": can(false), "sort": can(false), "etag": can(true),
		"bulk":   Resource{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter": Resource{"supported": true, "maxResults": maxResults},
		"authenticationSchemes": []Resource{{
			"type": "oauthbearertoken", "name": "Bearer token", "primary": true,
			"description": "A management key whose role may change members", "specUri": "https://www.rfc-editor.org/info/rfc6750",
		}},
		"meta": Resource{"resourceType": "ServiceProviderConfig", "location": base + "/ServiceProviderConfig"},
	}
}

func resourceType(base, name, endpoint, schema, says string) Resource {
	return Resource{
		"schemas": []string{typeSchema}, "id": name, "name": name, "endpoint": "/" + endpoint, "schema": schema, "description": says,
		"meta": Resource{"resourceType": "ResourceType", "location": base + "/ResourceTypes/" + name},
	}
}

// attr is one attribute of a schema with the usual characteristics (RFC 7643 §2.2).
func attr(name, kind, says string, more ...func(Resource)) Resource {
	a := Resource{
		"name": name, "type": kind, "description": says, "multiValued": false, "required": false, "caseExact": false,
		"mutability": "readWrite", "returned": "default", "uniqueness": "none",
	}
	for _, m := range more {
		m(a)
	}
	return a
}

func is(name string, v any) func(Resource) { return func(a Resource) { a[name] = v } }

func several(subs ...Resource) func(Resource) {
	return func(a Resource) { a["multiValued"], a["subAttributes"] = true, subs }
}

func userDocument(base string) Resource {
	return schemaDocument(base, UserSchema, "User",
		attr("userName", "string", "How the user signs in; an e-mail address unless emails has one", is("required", true), is("uniqueness", "server")),
		attr("externalId", "string", "The identity provider's id", is("caseExact", true)),
		attr("name", "complex", "The user's name", is("subAttributes", []Resource{
			attr("givenName", "string", "First name"), attr("familyName", "string", "Last name"),
			attr("formatted", "string", "Both", is("mutability", "readOnly")),
		})),
		attr("displayName", "string", "The name to show"),
		attr("active", "boolean", "False stops the user's keys and sessions at once"),
		attr("emails", "complex", "The primary address is kept", several(
			attr("value", "string", "The address"), attr("type", "string", "work"), attr("primary", "boolean", "Whether it is the one to use"))),
		attr("roles", "complex", "The primary role is kept", several(
			attr("value", "string", "owner, admin, billing, developer or viewer"), attr("primary", "boolean", "Whether it is the one to use"))),
		attr("groups", "complex", "The groups that the user is in", several(
			attr("value", "string", "Id of the group", is("mutability", "readOnly")), attr("display", "string", "Its name", is("mutability", "readOnly"))),
			is("mutability", "readOnly")),
	)
}

func groupDocument(base string) Resource {
	return schemaDocument(base, GroupSchema, "Group",
		attr("displayName", "string", "The name of the group", is("required", true), is("uniqueness", "server")),
		attr("externalId", "string", "The identity provider's id", is("caseExact", true)),
		attr("members", "complex", "Who is in it: users alone", several(
			attr("value", "string", "Id of the user", is("mutability", "immutable"), is("caseExact", true)),
			attr("display", "string", "The user's name", is("mutability", "readOnly")))),
	)
}

func schemaDocument(base, id, name string, attributes ...Resource) Resource {
	return Resource{
		"schemas": []string{documentSchema}, "id": id, "name": name, "description": name, "attributes": attributes,
		"meta": Resource{"resourceType": "Schema", "location": base + "/Schemas/" + id},
	}
}
