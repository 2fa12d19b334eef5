package authent

import "net/http"

// organizationEndpoints are the endpoints of organizations, members and invitations.
func organizationEndpoints() []Endpoint {
	return []Endpoint{
		post("/organization/create", "createOrganization", "Creates an organization with the user as its owner.", (*Auth).CreateOrganization),
		post("/organization/update", "updateOrganization", "Changes an organization.", (*Auth).UpdateOrganization),
		post("/organization/delete", "deleteOrganization", "Deletes an organization with its members and invitations.", (*Auth).DeleteOrganization),
		post("/organization/set-active", "setActiveOrganization", "Makes an organization the active one of the session.", (*Auth).SetActiveOrganization),
		get("/organization/get-full-organization", "getFullOrganization", "Returns an organization with its members and invitations.", (*Auth).GetFullOrganization).withKeys(),
		plain(http.MethodGet, "/organization/list", "listOrganizations", "Returns the organizations of the user.", (*Auth).ListOrganizations).withKeys(),
		post("/organization/check-slug", "checkOrganizationSlug", "Succeeds if no organization has a slug.", (*Auth).CheckOrganizationSlug).withKeys(),

		post("/organization/invite-member", "createInvitation", "Invites somebody to an organization by mail.", (*Auth).CreateInvitation),
		post("/organization/cancel-invitation", "cancelInvitation", "Takes an invitation back.", (*Auth).CancelInvitation),
		post("/organization/accept-invitation", "acceptInvitation", "Makes the user, who is invited, a member.", (*Auth).AcceptInvitation),
		post("/organization/reject-invitation", "rejectInvitation", "Refuses an invitation of the user.", (*Auth).RejectInvitation),
		get("/organization/get-invitation", "getInvitation", "Returns an invitation of the user.", (*Auth).GetInvitation),
		get("/organization/list-invitations", "listInvitations", "Returns the invitations of an organization.", (*Auth).ListInvitations).withKeys(),
		get("/organization/list-user-invitations", "listUserInvitations", "Returns the invitations of the user.", (*Auth).ListUserInvitations),

		post("/organization/remove-member", "removeMember", "Ends a membership.", (*Auth).RemoveMember),
		post("/organization/update-member-role", "updateMemberRole", "Gives a member other roles.", (*Auth).UpdateMemberRole),
		post("/organization/leave", "leaveOrganization", "Ends the user's own membership.", (*Auth).LeaveOrganization),
		get("/organization/list-members", "listMembers", "Returns members of an organization.", (*Auth).ListMembers).withKeys(),
		plain(http.MethodGet, "/organization/get-active-member", "getActiveMember", "Returns the user's membership in the active organization.", (*Auth).GetActiveMember).withKeys(),
		get("/organization/get-active-member-role", "getActiveMemberRole", "Returns the role of a member.", (*Auth).GetActiveMemberRole).withKeys(),
		post("/organization/has-permission", "hasPermission", "Tells whether the user's role permits something.", (*Auth).HasPermission).withKeys(),
	}
}
