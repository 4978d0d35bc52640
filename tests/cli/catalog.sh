#!/usr/bin/env bash
# The catalogue as a file: shown, applied, applied again, exported, brought to the other engine; mistakes named.
set -uo pipefail
billow=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
if [ "${2:-}" != inside ]; then
    exec "$here/../with-postgres" "$here/catalog.sh" "$billow" inside
fi
example=$here/../../examples/catalog.json
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export BILLOW_API_KEY=test
source "$here/../check.bash"
one=sqlite:one.db
two=$BILLOW_TEST_POSTGRES/catalog
createdb catalog
check "nobody can be asked" 2 "say --yes" "$billow" apply "$example" --database $one
check "a dry run differs" 3 "+ plan starter" "$billow" apply "$example" --database $one --dry-run
check "what is changed is shown" 3 'timezone: "UTC" → "Europe/Berlin"' "$billow" apply "$example" --database $one --dry-run
check "applied" 0 "11 to create, 1 to change, 0 to delete; 0 as they should be" "$billow" apply "$example" --database $one --yes
check "applied again" 0 "0 to create, 0 to change, 0 to delete; 12 as they should be" "$billow" apply "$example" --database $one --yes
check "the dry run is the same" 0 "12 as they should be" "$billow" apply "$example" --database $one --dry-run
check "exported" 0 "" "$billow" export catalog --database $one --output one.json
check "the export is what is" 0 "0 to create, 0 to change, 0 to delete; 12 as they should be" "$billow" apply one.json --database $one --dry-run --prune
check "to the other engine" 0 "done" "$billow" apply one.json --database "$two" --yes
check "exported there" 0 "" "$billow" export catalog --database "$two" --output two.json
check "the same bytes" 0 "" cmp one.json two.json
check "the books hold" 0 "nothing is wrong" "$billow" verify --database "$two"
bad() { # NAME WORDS, the file on standard input
    cat >bad.json
    check "$1" 2 "$2" "$billow" apply bad.json --database $one --yes
    "$billow" export catalog --database $one --output after.json
    check "$1: nothing changed" 0 "" cmp one.json after.json
}
bad "a comment" "line 2, column 3: JSON has no comments" <<<'{ "taxes": [],
  // the rest
  "plans": [] }'
bad "a price that is none" 'plans.1.charges.0.properties.amount is "cheap"' <<<'{ "taxes": [{"code":"new","name":"New","rate":"1"}], "plans": [
  {"code":"a","name":"A","interval":"monthly","amount_cents":1,"amount_currency":"EUR"},
  {"code":"b","name":"B","interval":"monthly","amount_cents":1,"amount_currency":"EUR","charges":[
    {"billable_metric_code":"api_calls","charge_model":"standard","properties":{"amount":"cheap"}}]},
  {"code":"c","name":"C","interval":"daily","amount_cents":1,"amount_currency":"EUR"}]}'
check "and every other mistake" 2 'plans.2.interval is "daily"' "$billow" apply bad.json --database $one --yes
bad "an unknown kind" "plan" <<<'{ "plan": [] }'
bad "an unknown field" "taxes.0.colour" <<<'{ "taxes": [{"code":"x","name":"X","rate":"1","colour":"red"}] }'
bad "a code twice" "taxes.1.code" <<<'{ "taxes": [{"code":"x","name":"X","rate":"1"},{"code":"x","name":"X","rate":"1"}] }'
bad "no code" "taxes.0.code" <<<'{ "taxes": [{"name":"X","rate":"1"}] }'
bad "no metric" "plans.0.charges.0.billable_metric_code" <<<'{ "plans": [{"code":"z","name":"Z","interval":"monthly","amount_cents":1,"amount_currency":"EUR","charges":[{"billable_metric_code":"nothing","charge_model":"standard","properties":{"amount":"1"}}]}] }'
bad "a rule is never changed" 'resale_rules.0.percent is "13"' <<<'{ "resale_rules": [{"code":"aws_markup","name":"AWS with 12 %","method":"markup","percent":"13","provider_name":"AWS"}] }'
bad "no such privilege" 'plans.0.entitlements.support.days is "days"' <<<'{ "plans": [{"code":"z","name":"Z","interval":"monthly","amount_cents":1,"amount_currency":"EUR","entitlements":{"support":{"days":1}}}] }'
bad "no object" "no JSON object" <<<'[]'
check "no file" 2 "none.json" "$billow" apply none.json --database $one
sed 's/"code": "[a-z_]*", "billable_metric_code"/"billable_metric_code"/; s/"rate": "19"/"rate": 19.00/; s/"amount": "0.05"/"amount": "0.0500"/' "$example" >words.json
check "other words are no difference" 0 "0 to change, 0 to delete; 12 as they should be" "$billow" apply words.json --database $one --dry-run
sed 's/"amount_cents": 900/"amount_cents": 1200/; s/"rate": "7"/"rate": "7.5"/; s/"net_payment_term": 14/"net_payment_term": 30/; s/"api_calls", "name": "API calls"/"api_calls", "name": "Calls"/' "$example" >changed.json
check "changes are shown" 3 "net_payment_term: 14 → 30" "$billow" apply changed.json --database $one --dry-run
check "a price too" 3 "amount_cents: 900 → 1200" "$billow" apply changed.json --database $one --dry-run
check "and a tax" 3 'rate: "7" → "7.5"' "$billow" apply changed.json --database $one --dry-run
check "what a plan grants, too" 3 'entitlements.support.hours: 8 → 12' "$billow" apply <(sed 's/"hours": 8/"hours": 12/' "$example") --database $one --dry-run
check "changes are made" 0 "0 to create, 4 to change, 0 to delete; 8 as they should be" "$billow" apply changed.json --database $one --yes
check "and stay made" 0 "12 as they should be" "$billow" apply changed.json --database $one --yes
check "one more" 0 "1 to create" "$billow" apply <(echo '{"billable_metrics":[{"code":"old","name":"Old","aggregation_type":"count_agg"}]}') --database $one --yes
check "what is not in the file stays" 0 "0 to delete; 12 as they should be" "$billow" apply changed.json --database $one --dry-run
check "unless pruned" 3 "- billable_metric old" "$billow" apply changed.json --database $one --dry-run --prune
check "pruned" 0 "0 to create, 0 to change, 1 to delete" "$billow" apply changed.json --database $one --yes --prune
check "gone" 0 "0 to delete" "$billow" apply changed.json --database $one --dry-run --prune
check "each change is in the audit trail" 0 "billable_metric.create" "$billow" export audit --database $one
check "plans pruned" 0 "0 to create, 0 to change, 2 to delete" "$billow" apply <(echo '{"plans":[]}') --database $one --yes --prune
check "plans gone" 0 "0 to delete; 0 as they should be" "$billow" apply <(echo '{"plans":[]}') --database $one --dry-run --prune
check "the default entity stays" 0 "! billing_entity default" "$billow" apply <(echo '{"billing_entities":[]}') --database $one --dry-run --prune
check "rules can't be deleted" 0 "! resale_rule aws_markup" "$billow" apply <(echo '{"resale_rules":[]}') --database $one --dry-run --prune
cat >models.json <<'JSON'
{ "billable_metrics": [{"code":"gb","name":"GB","aggregation_type":"sum_agg","field_name":"gb","filters":[{"key":"cloud","values":["aws","gcp"]}]}],
  "plans": [{"code":"prices","name":"Prices","interval":"monthly","amount_cents":0,"amount_currency":"EUR","charges":[
  {"code":"a","billable_metric_code":"gb","charge_model":"graduated_percentage","properties":{"graduated_percentage_ranges":[{"from_value":0,"to_value":10,"rate":"1"},{"from_value":11,"to_value":null,"rate":"0.5","flat_amount":"2"}]}},
  {"code":"b","billable_metric_code":"gb","charge_model":"capacity","filters":[{"values":{"cloud":["__ALL_FILTER_VALUES__"]},"properties":{"capacity":"10","amount":"5","overage_amount":"0.70","grouped_by":["zone","user"]}}],"min_amount_cents":100,"max_amount_cents":90000,"properties":{"capacity":"100","amount":"50","overage_amount":"0.60"}},
  {"code":"c","billable_metric_code":"gb","charge_model":"time_of_use","properties":{"amount":"0.3","presentation_group_keys":["team"],"windows":[{"name":"peak","weekdays":[5,1],"from_hour":8,"to_hour":20,"amount":"0.50"}]}},
  {"code":"d","billable_metric_code":"gb","charge_model":"price_table","properties":{"row_key":"size","column_key":"region","rows":["small"],"columns":["eu","us"],"amounts":[["1","1.20"]],"amount":"5"}}]}] }
JSON
three=sqlite:three.db
check "every kind of price" 0 "2 to create" "$billow" apply models.json --database $three --yes
check "is what is in the file" 0 "0 to change, 0 to delete; 2 as they should be" "$billow" apply models.json --database $three --dry-run
check "exported too" 0 "" "$billow" export catalog --database $three --output models_out.json
check "with its limits" 0 '"max_amount_cents": 90000' cat models_out.json
check "with its filters" 0 '"__ALL_FILTER_VALUES__"' cat models_out.json
check "with its groups" 0 '"pricing_group_keys"' cat models_out.json
check "and what is shown apart" 0 '"display_in_invoice": false' cat models_out.json
check "and read again" 0 "0 to create, 0 to change, 0 to delete" "$billow" apply models_out.json --database $three --dry-run --prune
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
