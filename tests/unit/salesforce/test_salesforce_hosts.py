"""Which addresses the session may be sent to."""

import pytest

from forcedex.domain.errors import ConfigurationError, SourceDataError
from forcedex.salesforce.hosts import TrustedHosts, origin_from_setting

CLOUD = TrustedHosts((origin_from_setting("https://login.salesforce.com", "login_url"),))
PRIVATE = TrustedHosts((origin_from_setting("https://sf.corp.example:8443", "login_url"),))
LOOPBACK = TrustedHosts((origin_from_setting("http://127.0.0.1:8000", "login_url"),))


@pytest.mark.parametrize(
    ("hosts", "url", "origin"),
    [
        (CLOUD, "https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        (CLOUD, "https://acme.my.salesforce.com:443/services", "https://acme.my.salesforce.com"),
        (CLOUD, "https://ACME.my.Salesforce.com/", "https://acme.my.salesforce.com"),
        (CLOUD, "https://acme--uat.sandbox.my.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com"),
        (CLOUD, "https://acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
        (CLOUD, "https://acme.force.com", "https://acme.force.com"),
        (CLOUD, "https://na1.cloudforce.com", "https://na1.cloudforce.com"),
        (PRIVATE, "https://sf.corp.example:8443/x", "https://sf.corp.example:8443"),
        (PRIVATE, "https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        (LOOPBACK, "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        (LOOPBACK, "https://localhost:8443/x", "https://localhost:8443"),
        (LOOPBACK, "http://[::1]:8000/x", "http://[::1]:8000"),
    ],
)
def test_a_known_host_is_accepted(hosts: TrustedHosts, url: str, origin: str) -> None:
    assert str(hosts.origin_of(url, "instance_url")) == origin


BAD_URLS = [
    None,
    17,
    "",
    "acme.my.salesforce.com",
    "http://acme.my.salesforce.com",  # not encrypted
    "ftp://acme.my.salesforce.com",
    "file:///etc/passwd",
    "https://evil.example",
    "https://salesforce.com.evil.example",
    "https://evilsalesforce.com",
    "https://acme.my.salesforce.com@evil.example",
    "https://evil.example\\@acme.my.salesforce.com",
    "https://user:pw@acme.my.salesforce.com",
    "https://acme.my.salesforce.com:8443",  # another port
    "https://acme.my.salesforce.com:99999",
    "https://acme.my.salesforce.com\r\nHost: evil.example",
    "https://acme .my.salesforce.com",
    "https://xn--e1awd7f..salesforce.com",
    "https://аcme.my.salesforce.com",  # a Cyrillic letter
    "https://127.0.0.1",
    "http://127.0.0.1:8000",
    "https://localhost",
    "http://[::1]:8000",
    "https://0x7f.1",
    "https://2130706433",
    "https://169.254.169.254",
    "//evil.example/services/data/v67.0/query/01g",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_any_other_url_is_not_followed(url: object) -> None:
    with pytest.raises(SourceDataError, match="instance_url"):
        CLOUD.origin_of(url, "instance_url")
    with pytest.raises(SourceDataError):
        CLOUD.path_of(url, "nextRecordsUrl")


@pytest.mark.parametrize("url", ["http://192.168.0.1:8000", "http://127.0.0.1.evil.example", "https://10.0.0.1"])
def test_a_local_login_does_not_open_the_network(url: str) -> None:
    with pytest.raises(SourceDataError):
        LOOPBACK.origin_of(url, "instance_url")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("/services/data/v67.0/query/01g-2000", "/services/data/v67.0/query/01g-2000"),
        ("https://acme.my.salesforce.com/services/data/v67.0/query/01g-2000", "/services/data/v67.0/query/01g-2000"),
        ("/services/data/v67.0/x?locator=a%2Fb", "/services/data/v67.0/x?locator=a%2Fb"),
    ],
)
def test_only_the_path_of_a_next_page_is_used(url: str, path: str) -> None:
    assert CLOUD.path_of(url, "nextRecordsUrl") == path


@pytest.mark.parametrize("url", ["/services/oauth2/token", "/", "/services/data/../oauth2/revoke", "/services/data/\n"])
def test_a_next_page_stays_among_the_data_resources(url: str) -> None:
    with pytest.raises(SourceDataError):
        CLOUD.path_of(url, "nextRecordsUrl")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("login.salesforce.com", "https"),
        ("http://login.salesforce.com", "not encrypted"),
        ("https://acme.my.salesforce.com/lightning/page/home", "names a page"),
        ("https://acme.lightning.force.com", "acme.my.salesforce.com"),
        ("https://user@acme.my.salesforce.com", "user name"),
        ("", "https"),
    ],
)
def test_a_login_url_that_cannot_work_is_a_wrong_setting(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match="login_url") as caught:
        origin_from_setting(url, "login_url")

    assert words in str(caught.value)
