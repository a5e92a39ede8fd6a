-- Failures of which there are too many are counted: one row tells of several, of several addresses.
CREATE OR REPLACE VIEW audit.failed_logins AS
SELECT coalesce(email, '-') AS email, ip, sum(coalesce((details ->> 'count')::bigint, 1))::bigint AS failures,
       min(occurred_at) AS first_at, max(occurred_at) AS last_at
FROM audit.events
WHERE type = 'authn_login_fail'
GROUP BY 1, 2;
