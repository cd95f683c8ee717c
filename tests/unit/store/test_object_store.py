"""What errors of an object store mean: in our words, with the remedy, and with nothing of what was signed."""

import pytest

from graphrag_lite.errors import StoreError
from graphrag_lite.settings import StoreSettings
from graphrag_lite.store.object_store import explained

PLACE = StoreSettings(uri="s3://shelf/kb", endpoint="http://127.0.0.1:9000")
# As LanceDB 0.40 words them.
LIST = (
    'Invalid input, Failed to connect to namespace: IO { source: Generic { store: "S3", source: ListRequest { %s } } }'
)
STATUS = (
    LIST % 'inner: Status { status: %d, body: Some("<Error><Code>%s</Code><AWSAccessKeyId>AKIA1</AWSAccessKeyId>") }'
)
GET = "lance error: LanceError(IO): Generic S3 error: Error performing GET http://h/x - Server returned non-2xx status "
ERRORS = {
    "no-bucket": (STATUS % (404, "NoSuchBucket"), "no bucket 'shelf'"),
    "wrong-key": (STATUS % (403, "InvalidAccessKeyId"), r"refused \(InvalidAccessKeyId\). Check the AWS credentials"),
    "not-allowed": (GET + "code: 403 Forbidden: <Error><Code>AccessDenied</Code></Error>", r"refused \(AccessDenied\)"),
    "head": (GET + "code: 403 Forbidden", r"refused \(403\)"),
    "old-token": (STATUS % (400, "ExpiredToken"), r"refused \(ExpiredToken\)"),
    "no-credentials": (LIST % '"Failed to get AWS credentials: CredentialsNotLoaded"', "AWS_ACCESS_KEY_ID"),
    "other-region": (LIST % "inner: BareRedirect", "store.region"),
    "no-region": ("LanceError(IO): Generic S3 error: Failed to resolve region for bucket 'shelf'", "store.region"),
    "refused": (LIST % 'ConnectError("tcp connect error", Os { code: 111 })', "9000 cannot be reached"),
    "silent": (
        LIST % "inner: Http(HttpError { kind: Timeout, source: reqwest::Error { source: TimedOut } })",
        "in time",
    ),
    "no-name": (LIST % 'ConnectError("dns error", Custom {})', "9000 cannot be reached"),
    "too-many": (STATUS % (503, "SlowDown"), r"failed \(503 SlowDown\). Try again later"),
}


@pytest.mark.parametrize(("words", "told"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_told_with_its_place_and_remedy(words: str, told: str) -> None:
    error = explained(PLACE, RuntimeError(words))
    assert type(error) is StoreError
    message = str(error)
    assert message.startswith("s3://shelf/kb: ")
    with pytest.raises(StoreError, match=told):
        raise error
    assert "AKIA1" not in message
    assert "untouched" in message


@pytest.mark.parametrize(
    "words",
    [
        "lance error: LanceError(IO): Generic N/A error: Wrapped error: Not found: kb/origins.lance/data/1.lance",
        "LanceError(IO): kb/x.lance not found: status code: 404 Not Found: <Error><Code>NoSuchKey</Code></Error>",
        "lance error: LanceError(IO): file size is too small",
        "Table 'origins' was not found",
        "the model timed out",
    ],
)
def test_what_is_missing_or_damaged_is_no_trouble_on_the_way(words: str) -> None:
    assert explained(PLACE, RuntimeError(words)) is None


def test_a_local_table_has_no_server() -> None:
    assert explained(StoreSettings(), OSError("LanceError(IO): timed out")) is None
