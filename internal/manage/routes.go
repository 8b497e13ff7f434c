package manage

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// access is who may use an operation.
type access uint8

const (
	anyone     access = iota // a usable key narrows the answer, none is needed
	anyKey                   // an inference key, or whoever management admits
	management               // a management key or a session whose role has the permission, or the owner of the data directory
	signedIn                 // a session
	local                    // the owner of the data directory
	operator                 // as management, of the first organization, which runs the gateway
)

// operation is a method on a path.
type operation struct {
	method, path string
	access       access
	may          account.Permission // of management keys and sessions
	serve        func(*API, *call) (any, error)
}

// operations are what is built. Inference is the gateway's: its rows are here so that other
// methods on its paths are refused.
var operations = []operation{
	{"GET", "/models", anyone, 0, (*API).listModels},
	{"GET", "/models/count", anyone, 0, (*API).countModels},
	{"GET", "/models/user", anyKey, 0, (*API).listModels},
	{"GET", "/models/{id}", anyone, 0, (*API).retrieveModel},
	{"GET", "/models/{author}/{slug}", anyone, 0, (*API).retrieveModel},
	{"GET", "/models/{author}/{slug}/endpoints", anyone, 0, (*API).listEndpoints},
	{"GET", "/embeddings/models", anyone, 0, (*API).listEmbeddingModels},
	{"GET", "/images/models", anyone, 0, (*API).listImageModels},
	{"GET", "/images/models/{author}/{slug}/endpoints", anyone, 0, (*API).listImageEndpoints},
	{"GET", "/model/{author}/{slug}", anyone, 0, (*API).getModel},
	{"GET", "/endpoints/zdr", anyone, 0, (*API).listZDR},
	{"GET", "/providers", anyone, 0, (*API).listProviders},
	{"GET", "/providers/{slug}", anyone, 0, (*API).getProvider},

	{"POST", "/routing/explain", management, account.ReadRules, (*API).explainRouting},

	{"GET", "/generation", anyKey, 0, (*API).getGeneration},
	{"GET", "/generation/receipt", anyKey, 0, (*API).getReceipt},
	{"GET", "/generation/content", management, account.ReadContents, (*API).getContent},
	{"DELETE", "/generation/content", management, account.ReadContents, (*API).deleteContent},
	{"POST", "/generation/feedback", management, account.ReadMoney, (*API).submitFeedback},
	{"GET", "/generations", anyKey, account.ReadMoney, (*API).listGenerations},
	{"GET", "/generations/facets", anyKey, account.ReadMoney, (*API).listFacets},
	{"GET", "/receipts/key", anyone, 0, (*API).receiptPublicKey},

	{"GET", "/activity", management, account.ReadMoney, (*API).getActivity},
	{"GET", "/datasets/app-rankings", anyKey, account.ReadMoney, (*API).rankApps},
	{"GET", "/datasets/rankings-daily", anyKey, account.ReadMoney, (*API).rankModels},
	{"GET", "/analytics/meta", management, account.ReadMoney, (*API).getAnalyticsMeta},
	{"POST", "/analytics/query", management, account.ReadMoney, (*API).queryAnalytics},
	{"POST", "/analytics/queries", management, account.ReadMoney, (*API).queryAnalyticsAtOnce},

	{"GET", "/key", anyKey, 0, (*API).currentKey},
	{"GET", "/auth/key", anyKey, 0, (*API).currentKey},
	{"GET", "/keys", management, account.ReadKeys, (*API).listKeys},
	{"POST", "/keys", management, account.WriteKeys, (*API).createKey},
	{"GET", "/keys/report", management, account.ReadKeys, (*API).reportKeys},
	{"GET", "/keys/{hash}", management, account.ReadKeys, (*API).getKey},
	{"PATCH", "/keys/{hash}", management, account.WriteKeys, (*API).updateKey},
	{"DELETE", "/keys/{hash}", management, account.WriteKeys, (*API).deleteKey},

	{"POST", "/keys/{hash}/rotate", management, account.WriteKeys, (*API).rotateKey},
	{"POST", "/auth/keys/code", management, account.WriteKeys, (*API).createCode},
	{"POST", "/auth/keys", anyone, 0, (*API).exchangeCode},

	{"POST", "/oauth/token", anyone, 0, (*API).exchangeToken},
	{"GET", "/oauth/jwks", anyone, 0, (*API).keySet},
	{"GET", "/oauth/federation-policies", management, account.ReadRules, (*API).listFederationPolicies},
	{"POST", "/oauth/federation-policies", management, account.WriteRules, (*API).createFederationPolicy},
	{"GET", "/oauth/federation-policies/{id}", management, account.ReadRules, (*API).getFederationPolicy},
	{"PATCH", "/oauth/federation-policies/{id}", management, account.WriteRules, (*API).updateFederationPolicy},
	{"DELETE", "/oauth/federation-policies/{id}", management, account.WriteRules, (*API).deleteFederationPolicy},

	{"GET", "/credits", management, account.ReadMoney, (*API).getCredits},
	{"GET", "/credits/history", management, account.ReadMoney, (*API).listTransfers},
	{"POST", "/credits/grant", operator, account.MoveMoney, (*API).grantCredits},
	{"POST", "/credits/coinbase", anyone, 0, goneCoinbase},

	{"GET", "/workspaces", management, account.ReadRules, (*API).listWorkspaces},
	{"POST", "/workspaces", management, account.WriteRules, (*API).createWorkspace},
	{"GET", "/workspaces/{id}", management, account.ReadRules, (*API).getWorkspace},
	{"PATCH", "/workspaces/{id}", management, account.WriteRules, (*API).updateWorkspace},
	{"DELETE", "/workspaces/{id}", management, account.WriteRules, (*API).deleteWorkspace},
	{"GET", "/workspaces/{id}/budgets", management, account.ReadRules, (*API).listBudgets},
	{"GET", "/workspaces/{id}/budgets/{interval}", management, account.ReadRules, (*API).getBudget},
	{"PUT", "/workspaces/{id}/budgets/{interval}", management, account.WriteRules, (*API).putBudget},
	{"DELETE", "/workspaces/{id}/budgets/{interval}", management, account.WriteRules, (*API).deleteBudget},
	{"GET", "/workspaces/{id}/members", management, account.ReadMembers, (*API).listWorkspaceMembers},
	{"POST", "/workspaces/{id}/members/add", management, account.WriteMembers, (*API).addWorkspaceMembers},
	{"POST", "/workspaces/{id}/members/remove", management, account.WriteMembers, (*API).removeWorkspaceMembers},

	{"GET", "/organization/members", management, account.ReadMembers, (*API).listMembers},
	{"POST", "/organization/members", management, account.WriteMembers, (*API).createMember},
	{"GET", "/organization/members/{id}", management, account.ReadMembers, (*API).getMember},
	{"PATCH", "/organization/members/{id}", management, account.WriteMembers, (*API).updateMember},
	{"DELETE", "/organization/members/{id}", management, account.WriteMembers, (*API).deleteMember},
	{"GET", "/organization/members/{id}/sessions", management, account.WriteMembers, (*API).listMemberSessions},
	{"DELETE", "/organization/members/{id}/sessions", management, account.WriteMembers, (*API).endMemberSessions},
	{"DELETE", "/organization/members/{id}/sessions/{session}", management, account.WriteMembers, (*API).endMemberSessions},
	{"GET", "/organization/identity", management, account.WriteMembers, (*API).getIdentity},

	{"GET", "/scim/groups", management, account.ReadMembers, (*API).listGroups},
	{"GET", "/scim/group-mappings", management, account.ReadMembers, (*API).listMappings},
	{"POST", "/scim/group-mappings", management, account.WriteMembers, (*API).createMapping},
	{"GET", "/scim/group-mappings/{id}", management, account.ReadMembers, (*API).getMapping},
	{"PATCH", "/scim/group-mappings/{id}", management, account.WriteMembers, (*API).updateMapping},
	{"DELETE", "/scim/group-mappings/{id}", management, account.WriteMembers, (*API).deleteMapping},
	{"POST", "/scim/sync-jobs", management, account.WriteMembers, (*API).createSyncJob},
	{"GET", "/scim/sync-jobs/{id}", management, account.ReadMembers, (*API).getSyncJob},

	{"GET", "/guardrails", management, account.ReadRules, (*API).listGuardrails},
	{"POST", "/guardrails", management, account.WriteRules, (*API).createGuardrail},
	{"GET", "/guardrails/assignments/keys", management, account.ReadRules, (*API).listKeyAssignments},
	{"GET", "/guardrails/assignments/members", management, account.ReadRules, (*API).listMemberAssignments},
	{"POST", "/guardrails/preview", management, account.ReadRules, (*API).previewGuardrail},
	{"GET", "/guardrails/{id}", management, account.ReadRules, (*API).getGuardrail},
	{"PATCH", "/guardrails/{id}", management, account.WriteRules, (*API).updateGuardrail},
	{"DELETE", "/guardrails/{id}", management, account.WriteRules, (*API).deleteGuardrail},
	{"GET", "/guardrails/{id}/assignments/keys", management, account.ReadRules, (*API).listKeyAssignments},
	{"POST", "/guardrails/{id}/assignments/keys", management, account.WriteRules, (*API).assignKeys},
	{"POST", "/guardrails/{id}/assignments/keys/remove", management, account.WriteRules, (*API).unassignKeys},
	{"GET", "/guardrails/{id}/assignments/members", management, account.ReadRules, (*API).listMemberAssignments},
	{"POST", "/guardrails/{id}/assignments/members", management, account.WriteRules, (*API).assignMembers},
	{"POST", "/guardrails/{id}/assignments/members/remove", management, account.WriteRules, (*API).unassignMembers},

	{"GET", "/presets", anyKey, account.ReadRules, (*API).listPresets},
	{"GET", "/presets/{slug}", anyKey, account.ReadRules, (*API).getPreset},
	{"PATCH", "/presets/{slug}", management, account.WriteRules, (*API).updatePreset},
	{"DELETE", "/presets/{slug}", management, account.WriteRules, (*API).deletePreset},
	{"POST", "/presets/{slug}/chat/completions", anyKey, account.WriteRules, (*API).presetFromChat},
	{"POST", "/presets/{slug}/messages", anyKey, account.WriteRules, (*API).presetFromMessages},
	{"POST", "/presets/{slug}/responses", anyKey, account.WriteRules, (*API).presetFromResponses},
	{"GET", "/presets/{slug}/versions", anyKey, account.ReadRules, (*API).listPresetVersions},
	{"GET", "/presets/{slug}/versions/{version}", anyKey, account.ReadRules, (*API).getPresetVersion},

	{"GET", "/byok", management, account.ReadRules, (*API).listCredentials},
	{"POST", "/byok", management, account.WriteRules, (*API).createCredential},
	{"GET", "/byok/{id}", management, account.ReadRules, (*API).getCredential},
	{"PATCH", "/byok/{id}", management, account.WriteRules, (*API).updateCredential},
	{"DELETE", "/byok/{id}", management, account.WriteRules, (*API).deleteCredential},
	{"POST", "/byok/{id}/test", management, account.WriteRules, (*API).testCredential},
	{"POST", "/vault/rotate", operator, account.WriteOwners, (*API).rotateVault},

	{"GET", "/private-providers", operator, account.ReadRules, (*API).listPrivateProviders},
	{"POST", "/private-providers", operator, account.WriteRules, (*API).createPrivateProvider},
	{"GET", "/private-providers/{id}", operator, account.ReadRules, (*API).getPrivateProvider},
	{"PATCH", "/private-providers/{id}", operator, account.WriteRules, (*API).updatePrivateProvider},
	{"DELETE", "/private-providers/{id}", operator, account.WriteRules, (*API).deletePrivateProvider},
	{"GET", "/private-endpoints", operator, account.ReadRules, (*API).listPrivateEndpoints},
	{"POST", "/private-endpoints", operator, account.WriteRules, (*API).createPrivateEndpoint},
	{"GET", "/private-endpoints/{id}", operator, account.ReadRules, (*API).getPrivateEndpoint},
	{"PATCH", "/private-endpoints/{id}", operator, account.WriteRules, (*API).updatePrivateEndpoint},
	{"DELETE", "/private-endpoints/{id}", operator, account.WriteRules, (*API).deletePrivateEndpoint},
	{"POST", "/private-endpoints/{id}/validate", operator, account.WriteRules, (*API).validatePrivateEndpoint},
	{"POST", "/private-endpoints/{id}/activate", operator, account.WriteRules, (*API).activatePrivateEndpoint},

	{"POST", "/catalog/refresh", operator, account.WriteRules, (*API).refreshCatalog},
	{"GET", "/catalog/changes", operator, account.ReadRules, (*API).listPriceChanges},

	{"GET", "/observability/types", management, account.ReadRules, (*API).listDestinationTypes},
	{"GET", "/observability/destinations", management, account.ReadRules, (*API).listDestinations},
	{"POST", "/observability/destinations", management, account.WriteRules, (*API).createDestination},
	{"GET", "/observability/destinations/{id}", management, account.ReadRules, (*API).getDestination},
	{"PATCH", "/observability/destinations/{id}", management, account.WriteRules, (*API).updateDestination},
	{"DELETE", "/observability/destinations/{id}", management, account.WriteRules, (*API).deleteDestination},
	{"POST", "/observability/destinations/{id}/test", management, account.WriteRules, (*API).testDestination},

	{"GET", "/audit", management, account.ReadAudit, (*API).listAudit},
	{"GET", "/system", operator, account.ReadAudit, (*API).getSystem},
	{"GET", "/health/endpoints", anyone, 0, (*API).listHealth},

	{"GET", "/session/options", anyone, 0, (*API).getSignInOptions},
	{"POST", "/setup", anyone, 0, (*API).setUp},
	{"POST", "/setup/token", local, 0, (*API).createSetupToken},
	{"POST", "/session", anyone, 0, (*API).signIn},
	{"GET", "/session", signedIn, 0, (*API).getSession},
	{"PATCH", "/session", signedIn, 0, (*API).switchOrganization},
	{"DELETE", "/session", signedIn, 0, (*API).signOut},
	{"POST", "/session/passkey/options", anyone, 0, (*API).askPasskey},
	{"POST", "/session/passkey", anyone, 0, (*API).signInWithPasskey},
	{"GET", "/session/oidc/{provider}", anyone, 0, (*API).leaveForProvider},
	{"GET", "/session/oidc/{provider}/callback", anyone, 0, (*API).returnFromProvider},

	{"PATCH", "/me", signedIn, 0, (*API).updateMe},
	{"POST", "/me/password", signedIn, 0, (*API).setPassword},
	{"POST", "/me/totp", signedIn, 0, (*API).offerFactor},
	{"DELETE", "/me/totp", signedIn, 0, (*API).dropFactor},
	{"POST", "/me/totp/confirm", signedIn, 0, (*API).confirmFactor},
	{"GET", "/me/passkeys", signedIn, 0, (*API).listPasskeys},
	{"POST", "/me/passkeys", signedIn, 0, (*API).addPasskey},
	{"POST", "/me/passkeys/options", signedIn, 0, (*API).offerPasskey},
	{"DELETE", "/me/passkeys/{id}", signedIn, 0, (*API).deletePasskey},
	{"GET", "/me/sessions", signedIn, 0, (*API).listSessions},
	{"DELETE", "/me/sessions/{id}", signedIn, 0, (*API).endSession},

	{"GET", "/organization", management, account.ReadMembers, (*API).getOrganization},
	{"PATCH", "/organization", management, account.WriteMembers, (*API).updateOrganization},
	{"GET", "/organizations", management, account.ReadMembers, (*API).listOrganizations},
	{"POST", "/organizations", operator, account.WriteOwners, (*API).createOrganization},
	{"GET", "/organization/invitations", management, account.ReadMembers, (*API).listInvitations},
	{"POST", "/organization/invitations", management, account.WriteMembers, (*API).createInvitation},
	{"DELETE", "/organization/invitations/{id}", management, account.WriteMembers, (*API).deleteInvitation},
	{"POST", "/invitations/accept", anyone, 0, (*API).acceptInvitation},

	{"GET", "/people", local, 0, (*API).listPeople},
	{"DELETE", "/people/{id}", local, 0, (*API).deletePerson},
	{"POST", "/people/reset", local, 0, (*API).resetPassword},
	{"POST", "/people/unlink", local, 0, (*API).unlinkPerson},

	{"POST", "/chat/completions", anyone, 0, elsewhere},
	{"POST", "/completions", anyone, 0, elsewhere},
	{"POST", "/responses", anyone, 0, elsewhere},
	{"GET", "/responses/{id}", anyone, 0, elsewhere},
	{"DELETE", "/responses/{id}", anyone, 0, elsewhere},
	{"POST", "/messages", anyone, 0, elsewhere},
	{"POST", "/messages/count_tokens", anyone, 0, elsewhere},
	{"POST", "/embeddings", anyone, 0, elsewhere},
	{"POST", "/rerank", anyone, 0, elsewhere},
	{"POST", "/audio/speech", anyone, 0, elsewhere},
	{"POST", "/audio/transcriptions", anyone, 0, elsewhere},
	{"POST", "/images", anyone, 0, elsewhere},
	{"POST", "/images/generations", anyone, 0, elsewhere},
	{"POST", "/images/edits", anyone, 0, elsewhere},
}

func elsewhere(_ *API, _ *call) (any, error) {
	return nil, fault.New(fault.NotFound, "Inference is answered on the gateway's own address below /api/v1, not here")
}

func goneCoinbase(*API, *call) (any, error) {
	return nil, &fault.Error{Kind: fault.NotFound, Status: http.StatusGone, Public: "Coinbase charges were removed from the API; add credit with POST /credits/grant"}
}

// methods are the operations on one path.
type methods map[string]operation

func (m methods) of(method string) (operation, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	op, ok := m[method]
	return op, ok
}

func (m methods) allow() string {
	names := slices.Collect(maps.Keys(m))
	if m["GET"].serve != nil {
		names = append(names, "HEAD")
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
