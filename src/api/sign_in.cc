// GET, POST, DELETE /session: identify the caller; exchange a key for a cookie; remove the cookie.
#include "api/handlers.h"
#include "api/reply.h"
#include "door/audit.h"
#include "door/problem.h"
#include "door/sign_in_cookie.h"

namespace gnosis {
namespace {

HttpResponse CookieResponse(const Call& call, std::string_view value) {
  HttpResponse response{204, {}, std::string()};
  response.headers.Set("Set-Cookie",
                       SignInCookieHeader(value, BrowsersTransport(call.request.headers)));
  return response;
}

void Audit(const Call& call, std::string_view action, const Caller& caller,
           const HttpResponse& response) {
  LogAction({action, caller, call.request.remote_address, "", call.request_id}, response);
}

}  // namespace

Result<HttpResponse> ShowSignIn(Call& call) {
  const bool known = !call.caller.owner.empty();
  return JsonResponse(200, {{"authenticated", known},
                            {"key_required", call.core.access.WantsKeys()},
                            {"owner", known ? Json(call.caller.owner) : Json()}});
}

Result<HttpResponse> SignIn(Call& call) {
  const auto json = ParseJson(call.body);
  const auto key = json.ok() && json->is_object() ? JsonString(*json, "key") : std::nullopt;
  if (!key) {
    return Error{ErrorCode::kInvalidArgument, "the request body contains no key",
                 "send {\"key\": \"gnosis_...\"}"};
  }
  const auto entered = call.core.access.SignIn(call.request, *key);
  if (const auto* problem = std::get_if<Problem>(&entered)) {
    HttpResponse response = ProblemResponse(*problem);
    Audit(call, "log_in", {}, response);
    return response;
  }
  const auto& session = std::get<Access::SignedIn>(entered);
  HttpResponse response = CookieResponse(call, session.cookie);
  Audit(call, "log_in", session.caller, response);
  return response;
}

Result<HttpResponse> SignOut(Call& call) {
  if (const auto problem = call.core.access.CheckSignOut(call.request)) {
    return ProblemResponse(*problem);
  }
  HttpResponse response = CookieResponse(call, "");
  Audit(call, "log_out", call.caller, response);
  return response;
}

}  // namespace gnosis
