package account

// Role is what a member, or a management key, may do in its account.
type Role string

// The roles.
const (
	Owner     Role = "owner"
	Admin     Role = "admin"
	Billing   Role = "billing"
	Developer Role = "developer"
	Viewer    Role = "viewer"
)

// Roles are all of them, the mightiest first.
var Roles = [...]Role{Owner, Admin, Billing, Developer, Viewer}

// Valid reports whether r is a role.
func (r Role) Valid() bool {
	_, ok := permissions[r]
	return ok
}

// Permission is one kind of management.
type Permission uint16

// The permissions. A change needs the permission to read too.
const (
	ReadKeys Permission = 1 << iota
	WriteKeys
	ReadMoney // credit and usage
	MoveMoney
	ReadRules // workspaces, guardrails, presets, credentials
	WriteRules
	ReadMembers
	WriteMembers
	WriteOwners // make, change and remove owners
	ReadAudit
	ReadContents // prompts and answers that are kept
)

// permissions is the one table of who may do what.
var permissions = map[Role]Permission{
	Owner:     ReadKeys | WriteKeys | ReadMoney | MoveMoney | ReadRules | WriteRules | ReadMembers | WriteMembers | WriteOwners | ReadAudit | ReadContents,
	Admin:     ReadKeys | WriteKeys | ReadMoney | MoveMoney | ReadRules | WriteRules | ReadMembers | WriteMembers | ReadAudit | ReadContents,
	Billing:   ReadKeys | ReadMoney | MoveMoney | ReadRules | ReadMembers,
	Developer: ReadKeys | WriteKeys | ReadMoney | ReadRules | ReadMembers,
	Viewer:    ReadKeys | ReadMoney | ReadRules | ReadMembers,
}

// AllRights are all permissions.
const AllRights = ReadContents<<1 - 1

// Rights are the permissions of the role; a role that is none has none.
func (r Role) Rights() Permission { return permissions[r] }

// May reports whether the role has the permission.
func (r Role) May(p Permission) bool { return r.Rights().Has(p) }

// Has reports whether all of some permissions are among these.
func (p Permission) Has(some Permission) bool { return p&some == some }

// names are what the API calls the permissions, in their order.
var names = [...]string{"keys:read", "keys:write", "money:read", "money:move", "rules:read", "rules:write",
	"members:read", "members:write", "owners:write", "audit:read", "contents:read"}

// AllPermissions are all of them, one by one.
func AllPermissions() (list []Permission) {
	for i := range names {
		list = append(list, 1<<i)
	}
	return list
}

// Permissions are the names of what the role may do.
func (r Role) Permissions() []string {
	list := []string{}
	for i, name := range names {
		if r.May(1 << i) {
			list = append(list, name)
		}
	}
	return list
}
