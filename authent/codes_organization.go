package authent

import "net/http"

// Errors of organizations, for errors.Is. The statuses are those that clients of the TypeScript side know, odd as some
// are.
var (
	ErrOrganizationExists      = newError(http.StatusBadRequest, "ORGANIZATION_ALREADY_EXISTS", "Organization already exists")
	ErrSlugTaken               = newError(http.StatusBadRequest, "ORGANIZATION_SLUG_ALREADY_TAKEN", "Organization slug already taken")
	ErrOrganizationNotFound    = newError(http.StatusBadRequest, "ORGANIZATION_NOT_FOUND", "Organization not found")
	ErrNoActiveOrganization    = newError(http.StatusBadRequest, "NO_ACTIVE_ORGANIZATION", "No active organization")
	ErrOrganizationNotCreated  = newError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION", "You are not allowed to create a new organization")
	ErrOrganizationLimit       = newError(http.StatusForbidden, "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS", "You have reached the maximum number of organizations")
	ErrOrganizationNotUpdated  = newError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION", "You are not allowed to update this organization")
	ErrOrganizationNotDeleted  = newError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION", "You are not allowed to delete this organization")
	ErrOrganizationReferenced  = newError(http.StatusConflict, "ORGANIZATION_IS_REFERENCED", "The organization cannot be deleted: other records refer to it")
	ErrDeletionDisabled        = newError(http.StatusNotFound, "ORGANIZATION_DELETION_DISABLED", "Organization deletion is disabled")
	ErrNotMember               = newError(http.StatusForbidden, "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION", "User is not a member of the organization")
	ErrNotMemberOfThis         = newError(http.StatusForbidden, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", "You are not a member of this organization")
	ErrMemberNotFound          = newError(http.StatusBadRequest, "MEMBER_NOT_FOUND", "Member not found")
	ErrAlreadyMember           = newError(http.StatusBadRequest, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION", "User is already a member of this organization")
	ErrMembershipLimit         = newError(http.StatusForbidden, "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED", "Organization membership limit reached")
	ErrMemberNotUpdated        = newError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER", "You are not allowed to update this member")
	ErrMemberNotRemoved        = newError(http.StatusUnauthorized, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER", "You are not allowed to delete this member")
	ErrOnlyOwner               = newError(http.StatusBadRequest, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER", "You cannot leave the organization as the only owner")
	ErrWithoutOwner            = newError(http.StatusBadRequest, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER", "You cannot leave the organization without an owner")
	ErrRoleNotFound            = newError(http.StatusBadRequest, "ROLE_NOT_FOUND", "Role not found") // On the wire it has no code, and names the role.
	ErrInvitationNotFound      = newError(http.StatusBadRequest, "INVITATION_NOT_FOUND", "Invitation not found")
	ErrInvitationLimit         = newError(http.StatusForbidden, "INVITATION_LIMIT_REACHED", "Invitation limit reached")
	ErrAlreadyInvited          = newError(http.StatusBadRequest, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION", "User is already invited to this organization")
	ErrNotRecipient            = newError(http.StatusForbidden, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION", "You are not the recipient of the invitation")
	ErrInvitationNotAllowed    = newError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION", "You are not allowed to invite users to this organization")
	ErrInvitationRole          = newError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE", "You are not allowed to invite a user with this role")
	ErrInvitationNotCanceled   = newError(http.StatusForbidden, "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION", "You are not allowed to cancel this invitation")
	ErrInviterGone             = newError(http.StatusBadRequest, "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION", "Inviter is no longer a member of the organization")
	ErrInvitationNeedsVerified = newError(http.StatusForbidden, "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION", "Email verification required before accepting or rejecting invitation")
	ErrNoSessionOfKey          = newError(http.StatusBadRequest, "SESSION_REQUIRED", "An API key has no active organization")
)

// Errors that clients know without a code.
var (
	errNoBody              = newError(http.StatusUnauthorized, "", "")
	errUserNotFound        = newError(http.StatusUnauthorized, "", "User not found")
	errNotAuthenticated    = newError(http.StatusUnauthorized, "", "Not authenticated")
	errNoSuchUser          = newError(http.StatusBadRequest, "USER_NOT_FOUND", "User not found")
	errNoRole              = newError(http.StatusBadRequest, "", "")
	errNoSuchInvitation    = newError(http.StatusBadRequest, "", "Invitation not found!")
	errOrganizationNeeded  = newError(http.StatusBadRequest, "", "Organization ID is required")
	errNotMember           = newError(http.StatusForbidden, "", "You are not a member of this organization")
	errEmailNotAccepted    = newError(http.StatusBadRequest, "", "User email cannot be passed for client side API calls.")
	errEmailMissing        = newError(http.StatusBadRequest, "", "Missing session headers, or email query parameter.")
	errNothingToUpdate     = newError(http.StatusBadRequest, "NO_FIELDS_TO_UPDATE", "No fields to update")
	errPermissionsNotGiven = newError(http.StatusBadRequest, ErrValidation.Code, "[body] Invalid input")
)

// with returns the error with another status: some codes have one on each endpoint.
func (e *Error) with(status int) *Error {
	changed := *e
	changed.Status = status
	return &changed
}
