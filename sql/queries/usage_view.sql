-- What was used, day by day (app/usage_view.h).

-- name: usage_view_day_list :list
-- A subscription's totals of local days [first_day, end_day), each day looked up by itself.
-- param first_day day_int
-- param end_day day_int
WITH RECURSIVE wanted (day) AS (
  SELECT :first_day WHERE :first_day < :end_day
  UNION ALL
  SELECT wanted.day + 1 FROM wanted WHERE wanted.day + 1 < :end_day)
SELECT usage_day.* FROM wanted CROSS JOIN usage_day
WHERE usage_day.day = wanted.day AND usage_day.customer_id = :customer_id
  AND usage_day.subscription_id = :subscription_id
ORDER BY usage_day.metric_id, usage_day.day

-- name: usage_view_subscription_list :list
-- Those that run or ran, newest first, with whose they are.
-- all customers: the list of subscriptions
-- param search_like text?
-- param limit bigint
-- param offset bigint
-- column customer_name text?
-- column plan_name text
-- column total bigint
SELECT subscription.*, customer.external_id AS customer_external_id, customer.name AS customer_name,
  plan_version.name AS plan_name, count(*) OVER () AS total
FROM subscription
JOIN customer ON customer.id = subscription.customer_id
JOIN plan_version ON plan_version.id = subscription.plan_version_id
WHERE subscription.started_at IS NOT NULL
  AND (:search_like IS NULL OR lower(subscription.external_id) LIKE :search_like ESCAPE '!'
    OR lower(subscription.name) LIKE :search_like ESCAPE '!'
    OR lower(customer.external_id) LIKE :search_like ESCAPE '!'
    OR lower(customer.name) LIKE :search_like ESCAPE '!')
ORDER BY subscription.created_at DESC, subscription.id DESC LIMIT :limit OFFSET :offset
