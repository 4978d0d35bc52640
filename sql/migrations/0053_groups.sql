-- Usage of a charge that is divided by what its events say.

ALTER TABLE fee ADD COLUMN grouped_by json_text; -- the group that it bills: {"region": "eu", "user": null}; none: of no group
ALTER TABLE fee ADD COLUMN presentation_breakdowns json_text; -- its units told apart, only shown: [{"presentation_by": {"team": "a"}, "units": "3"}]
