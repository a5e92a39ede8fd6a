-- The action lua.verify asks auth-api whose credential the request has, and puts the answer into the variables txn.auth_*.
-- It decides nothing. If it fails or throws, the variables are not set, and auth-api.cfg answers 503.

-- It asks through the frontend auth_api_gate of auth-api.cfg. This client tries four times, each for the whole timeout, but the backend of
-- that frontend answers 503 or 504 after the first. The host name is never looked up.
local gate = "abns@auth_api_gate"
local url = "http://auth-api/api/auth/verify/"

core.register_action("verify", { "http-req" }, function(txn)
  local given = txn.http:req_get_headers()
  local answer = core.httpclient():get {
    url = url,
    dst = gate,
    -- Milliseconds; the gate answers earlier.
    timeout = 5000,
    -- All Authorization headers, so that auth-api sees if there are two, and no other header of the client.
    headers = { ["authorization"] = given["authorization"], ["x-request-id"] = given["x-request-id"] },
  }
  local function answered(name)
    return answer.headers[name] and answer.headers[name][0] or ""
  end
  if answer.status == 200 then
    txn:set_var("txn.auth_user_id", answered("x-auth-user-id"))
    txn:set_var("txn.auth_email", answered("x-auth-email"))
    txn:set_var("txn.auth_session_id", answered("x-auth-session-id"))
  elseif answer.status == 401 then
    txn:set_var("txn.auth_challenge", answered("www-authenticate"))
  end
  -- Last: if anything above throws, nothing opens.
  txn:set_var("txn.auth_status", answer.status)
end)
