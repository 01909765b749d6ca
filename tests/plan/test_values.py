"""Values of requests: the source of each id, and the choice of examples, samples and forms."""

from smoke.config.rules import parse
from smoke.plan.build.builder import build
from smoke.plan.values import primary
from tests.planning import OBJECT, entry_of, operation, plan_for, thing, things
from tests.unlike import contract_of


def test_id_comes_from_the_creation_in_the_collection() -> None:
    entry = entry_of("notes", "GET /notes/{noteId}")
    assert entry.path["noteId"] == {
        "$from": "POST /notes",
        "pointer": "/id",
        "owned": True,
    }


def test_id_may_come_from_a_location_header() -> None:
    entry = entry_of("notes", "GET /notes/{noteId}/attachments/{attachment_id}")
    assert entry.path["attachment_id"] == {
        "$from": "POST /notes/{noteId}/attachments",
        "header": "Location",
        "segment": True,
        "owned": True,
    }


def test_field_with_the_id_of_another_resource_is_linked() -> None:
    entry = entry_of("shop", "POST /orders")
    assert entry.body["customer_id"]["$from"] == "POST /customers"
    assert entry.needs == ("POST /customers",)


def test_precondition_repeats_the_entity_tag_of_a_read() -> None:
    headers = entry_of("notes", "PUT /notes/{noteId}").headers
    assert headers == {"If-Match": {"$from": "GET /notes/{noteId}", "header": "ETag"}}


def test_echoed_field_is_not_a_source_for_its_own_request() -> None:
    reading = primary(entry_of("shop", "GET /orders/{order_id}").path)
    assert [reference["$from"] for reference in reading] == ["POST /orders"]


def test_only_values_that_a_target_may_lack_have_substitutes() -> None:
    paths = things(**{"/zones/{zone_id}": {"get": operation()}, "/zones": {"get": operation(
        {"type": "array", "items": thing("zone_id")})}})  # fmt: skip
    plan = plan_for(paths, '[world]\nzone_id = "/a"\n')
    assert plan.by_name["GET /zones/{zone_id}"].path["zone_id"] == {
        "$from": "world.zone_id",
        "or": [{"$from": "GET /zones", "pointer": "/0/zone_id"}],
    }
    assert "or" not in plan.by_name["GET /things/{id}"].path["id"]


def test_example_of_the_contract_comes_before_a_sample() -> None:
    rules = parse('[samples]\ntitle = "Sample"\n[actors.librarian]\n')
    plan = build(contract_of("library"), rules)
    assert plan.by_name["POST /books"].body["title"] == "An example"


def test_example_wins_over_an_id_with_the_same_name() -> None:
    assert entry_of("library", "GET /shelves/{shelf_code}").path == {"shelf_code": "A-1"}


def test_rule_in_the_contract_shapes_the_request() -> None:
    entry = entry_of("library", "POST /loans")
    assert entry.actor == "librarian"
    assert entry.body == {"isbn": "979-0000000000", "days": 7}


def test_sample_is_taken_only_where_the_schema_accepts_it() -> None:
    body = {
        "type": "object",
        "required": ["kind", "mail", "long", "other"],
        "properties": {
            "kind": {"enum": ["a", "b"]},
            "mail": {"type": "string", "format": "email"},
            "long": {"type": "string", "minLength": 8},
            "other": {"type": "string"},
        },
    }
    rules = (
        '[samples]\nkind = "c"\n"*mail*" = "a@example.com"\n'
        '"*" = { any = ["short", "long enough"] }\n'
    )
    plan = plan_for({"/a": {"post": operation(None, body)}}, rules)
    assert plan.by_name["POST /a"].body == {
        "kind": "a",
        "mail": "a@example.com",
        "long": "long enough",
        "other": "short",
    }


def test_read_only_fields_are_omitted_and_forms_are_chosen() -> None:
    entry = entry_of("shop", "POST /customers")
    assert entry.media_type == "application/x-www-form-urlencoded"
    assert set(entry.body) == {"name", "secret", "since"}


def test_file_of_a_form_has_the_type_that_the_contract_asks_for() -> None:
    body = entry_of("notes", "POST /notes/{noteId}/attachments").body
    assert body["file"]["$file"]["type"] == "image/png"
    assert body["caption"] == "smoke"


def test_bytes_are_a_file_and_streams_are_bounded() -> None:
    assert "$file" in entry_of("notes", "POST /notes/import").body
    stream = entry_of("notes", "GET /events").stream
    assert stream is not None
    assert (stream.events, stream.time_s) == (1, 10.0)


def test_query_list_is_written_in_the_style_of_the_contract() -> None:
    assert entry_of("notes", "GET /notes/search").query == {"q": "smoke", "fields": "title"}


def test_query_tables_are_written_in_their_style() -> None:
    table = {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer"}}}
    parameters = [
        {"name": "f", "in": "query", "required": True,
         "content": {"application/json": {"schema": table}}},
        {"name": "o", "in": "query", "required": True, "style": "deepObject", "schema": table},
        {"name": "sid", "in": "cookie", "required": True, "schema": {"enum": ["a"]}},
    ]  # fmt: skip
    plan = plan_for({"/a": {"get": operation(parameters=parameters)}})
    assert plan.by_name["GET /a"].query == {"f": '{"x":0}', "o[x]": 0}
    assert plan.by_name["GET /a"].headers == {"Cookie": "sid=a"}


def test_expected_statuses_are_the_documented_success() -> None:
    assert entry_of("shop", "GET /old").expect == (302,)
    assert entry_of("notes", "POST /notes").expect == (201,)


def test_operation_without_documented_success_may_answer_any_usual_one() -> None:
    content = {"application/json": {"schema": OBJECT}}
    maker = {"responses": {"default": {"description": "", "content": content}}}
    plan = plan_for({"/a": {"post": maker}, "/a/{id}": {"get": operation()}})
    assert plan.by_name["POST /a"].expect == (200, 201, 202, 204)
    assert plan.by_name["POST /a"].creates == "/id"
