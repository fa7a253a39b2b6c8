#include <dmlib/mysql/binlog_stream.hpp>
#include <dmlib/mysql/errors.hpp>
#include <dmlib/mysql/impl/internal/error_numbers.hpp>
#include <dmlib/mysql/impl/internal/session_values.hpp>

#include <catch2/catch.hpp>

#include <iterator>

using namespace dmlib;
using namespace dmlib::mysql;

TEST_CASE("the table of numbers is sorted", "[errors]") {
    const auto* begin = std::begin(mysql::internal::error_numbers);
    for (const auto* row = begin + 1; row != std::end(mysql::internal::error_numbers); ++row) {
        INFO(row->number);
        CHECK((row - 1)->number < row->number);
    }
}

TEST_CASE("numbers give codes, sides give scopes", "[errors]") {
    CHECK(classify(1062, role::target) == errc::db_duplicate_entry);
    CHECK(classify(1213, role::target) == errc::db_deadlock);
    CHECK(classify(9007, role::target) == errc::db_deadlock);
    CHECK(classify(2013, role::source) == errc::db_connection_lost);
    CHECK(classify(1064, role::source) == errc::db_query_failed);
    CHECK(classify(1064, role::target) == errc::db_execute_failed);
    CHECK(classify(0, role::target) == errc::db_execute_failed);
    // A statement that was killed runs again, behind a look at the checkpoint.
    CHECK(error(classify(1317, role::target)).info().retry == retry_class::reconnect);
    CHECK(error(classify(1317, role::source)).info().retry == retry_class::reconnect);
    const error e = make_server_error(1045, "Access denied", role::source);
    CHECK(e.scope() == error_scope::upstream);
    CHECK(e.server_errno() == 1045);
    CHECK(make_server_error(1045, "", role::target).scope() == error_scope::downstream);
    CHECK(error(errc::db_deadlock).scope() == error_scope::downstream);  // the table's own
}

TEST_CASE("a file that cannot be made is a full disk where the server says so", "[errors]") {
    const auto code = [](const std::string& why) {
        return make_server_error(1, "Can't create/write to file 'ib' (" + why + ")", role::target)
            .code();
    };
    CHECK(code("Errcode: 28 \"No space left on device\"") == errc::db_read_only);
    CHECK(code("Errcode: 13 \"Permission denied\"") == errc::db_execute_failed);
}

TEST_CASE("1290 is about the option that it names, a CHECK about no width", "[errors]") {
    const auto code = [](const std::string& option) {
        return make_server_error(1290, "The server is running with the " + option, role::target)
            .code();
    };
    for (const char* option : {"--read-only option", "--super-read-only", "super_read_only"})
        CHECK(code(option) == errc::db_read_only);
    CHECK(code("TiDB READ ONLY option") == errc::db_read_only);
    CHECK(code("NO_ENGINE_SUBSTITUTION option") == errc::db_execute_failed);
    CHECK(code("--secure-file-priv option") == errc::db_execute_failed);
    for (const int number : {3819, 4025}) {
        const error e = make_server_error(number, "CONSTRAINT `t.f` failed", role::target);
        CHECK(e.code() == errc::db_execute_failed);
        CHECK(e.workaround().find("CHECK") != std::string_view::npos);
    }
}

TEST_CASE("ends of a binlog stream", "[errors]") {
    const auto code = [](const char* text) { return classify_stream_error(1236, text); };
    CHECK(code("Could not find first log file name in binary log index file") ==
          errc::binlog_purged);
    CHECK(code("Cannot replicate because the source purged required binary logs. Replicate the "
               "missing transactions") == errc::binlog_purged);
    CHECK(code("Could not find GTID state requested by slave in any binlog files. Probably the "
               "slave state is too old and "
               "required binlog files have been purged.") == errc::binlog_purged);
    CHECK(code("A replica with the same server_uuid/server_id as this replica has connected to the "
               "source") == errc::binlog_server_id);
    CHECK(code("Client requested source to start replication from position > file size") ==
          errc::sync_position);
    CHECK(code("something new") == errc::binlog_read);
    CHECK(classify_stream_error(1227, "Access denied") == errc::db_privilege);
    CHECK(classify_stream_error(1593, "Fatal") == errc::binlog_read);
}

TEST_CASE("texts of the server", "[values]") {
    exec_info info;
    mysql::internal::read_info("Rows matched: 12  Changed: 3  Warnings: 0", info);
    CHECK(info.rows_matched == 12u);
    CHECK(info.rows_changed == 3u);
    CHECK_FALSE(info.records.has_value());
    mysql::internal::read_info("Records: 3  Duplicates: 1  Warnings: 0", info);
    CHECK(info.records == 3u);
    CHECK(info.duplicates == 1u);

    for (const char* raw : {"1", "-2.5", "ON", "default", "@@global.x", "'a'", "NULL"}) {
        INFO(raw);
        CHECK(mysql::internal::is_raw_value(raw));
    }
    for (const char* text :
         {"", "STRICT_TRANS_TABLES,NO_ZERO_DATE", "+03:00", "utf8mb4", "inf", "1x", "it's"}) {
        INFO(text);
        CHECK_FALSE(mysql::internal::is_raw_value(text));
    }
}

TEST_CASE("statements in errors are cut and keep no credentials", "[values]") {
    using mysql::internal::statement_for_error;
    CHECK(statement_for_error("SELECT 1") == "SELECT 1");
    CHECK(statement_for_error("create user a identified by 'x'").find('x') == std::string::npos);
    CHECK(statement_for_error("SET PASSWORD = 'topsecret'").find("topsecret") == std::string::npos);
    std::string long_text = "INSERT INTO t VALUES ('";
    while (long_text.size() < 600) long_text += "\xc3\xa4";
    const std::string cut = statement_for_error(long_text);
    CHECK(cut.size() <= 512 + 3);
    CHECK(static_cast<unsigned char>(cut[cut.size() - 4]) == 0xa4);  // no half character
}

TEST_CASE("commands on the wire", "[stream]") {
    CHECK(dump_command({"binlog.000007", 0x01020304}, 1, 0x0a0b0c0d) ==
          std::string("\x04\x03\x02\x01\x01\x00\x0d\x0c\x0b\x0a"
                      "binlog.000007",
                      23));
    const auto set = mysql_gtid_set::parse("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5").value();
    const std::string gtid = dump_gtid_command(set, 0, 7);
    CHECK(gtid.size() == 2 + 4 + 4 + 8 + 4 + set.encode().size());
    CHECK(gtid.substr(0, 6) == std::string("\x04\x00\x07\x00\x00\x00", 6));
    CHECK(register_command(1, "dmlib", 0) == std::string("\x01\0\0\0\x05"
                                                         "dmlib"
                                                         "\0\0\0\0\0\0\0\0\0\0\0\0",
                                                         22));
}

TEST_CASE("TLS is wanted as soon as it is configured", "[tls]") {
    tls_options o;
    CHECK_FALSE(o.configured());
    o.ca_pem = "x";
    CHECK(o.configured());
    o = {};
    o.allowed_common_names = {"a"};
    CHECK(o.configured());
}
