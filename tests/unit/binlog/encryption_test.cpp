// Encrypted files of real servers with their key files, against what the vendors' tools read from
// those servers (which decrypt for a reader).
#include <dmlib/binlog/key_file.hpp>

#include <catch2/catch.hpp>

#include "binlog_files.hpp"
#include "vendor_compare.hpp"

using namespace dmlib;
using namespace dmlib::binlog;
using namespace binlog_test;

namespace {

constexpr const char* recorded_names[] = {
    "mariadb-10.11-cbc", "mariadb-10.11-ctr", "mysql-8.0-component", "mysql-8.0-plugin"};

std::string part(const char* name, const char* ending) {
    const std::string content = read_file(fixtures() / (std::string(name) + ending));
    REQUIRE_FALSE(content.empty());
    return content;
}

file_reader_options with_keys(const char* name) {
    file_reader_options options;
    const std::string content = part(name, ".keys");
    auto keys = read_key_file(as_bytes(content));
    REQUIRE(keys.has_value());
    options.keys = *keys;
    return options;
}

std::optional<error> fault_of(const std::string& bytes, file_reader_options options = {}) {
    return read_all(bytes, 100, [](const event&) {}, std::move(options));
}

errc key_file_fault(std::string_view text) {
    auto keys = read_key_file(as_bytes(text));
    return keys ? errc::internal_bug : keys.error().code();
}

}  // namespace

TEST_CASE("encrypted files decode as the vendors' tools say", "[encryption][recorded]") {
    for (const char* name : recorded_names) {
        INFO(name);
        const std::string bytes = part(name, ".encrypted.gz");
        for (const std::size_t piece : {bytes.size(), std::size_t{7}}) {
            CHECK(compare_file(bytes, part(name, ".txt.gz"), with_keys(name), piece));
        }
    }
}

TEST_CASE("an encrypted file without its key is refused", "[encryption]") {
    for (const char* name : recorded_names) {
        INFO(name);
        const std::string bytes = part(name, ".encrypted.gz");
        auto fault = fault_of(bytes);
        REQUIRE(fault);
        CHECK(fault->code() == errc::binlog_encrypted);
        CHECK_FALSE(fault->workaround().empty());
        file_reader_options others = with_keys(name);
        for (encryption_key& key : others.keys) key.bytes[0] = static_cast<char>(key.bytes[0] ^ 1);
        fault = fault_of(bytes, others);
        REQUIRE(fault);
        CHECK(fault->code() == errc::binlog_encrypted);
        for (encryption_key& key : others.keys) {
            key.name += "x";
            key.id += 1;
        }
        fault = fault_of(bytes, others);
        REQUIRE(fault);
        CHECK(fault->code() == errc::binlog_encrypted);
    }
}

TEST_CASE("an encrypted file that is cut or damaged is a fault", "[encryption]") {
    for (const char* name : recorded_names) {
        const std::string bytes = part(name, ".encrypted.gz");
        const file_reader_options options = with_keys(name);
        std::vector<std::uint64_t> ends;
        CHECK_FALSE(read_all(
            bytes, bytes.size(), [&](const event& e) { ends.push_back(e.next); }, options));
        const std::size_t header = bytes[0] == '\xfd' ? 512 : 0;
        const bool has_sums = std::string_view(name) != "mariadb-10.11-ctr";
        for (std::size_t i = 5; i < bytes.size(); i += 61) {
            INFO(name << " byte " << i);
            const bool between =
                i >= header && std::count(ends.begin(), ends.end(), i - header) == 1;
            CHECK(fault_of(bytes.substr(0, i), options).has_value() != between);
            std::string bad = bytes;
            bad[i] = static_cast<char>(bad[i] ^ 4);
            // Behind its fields the header is only filled up.
            const bool counts = i < 118 || i >= header;
            if (has_sums && counts) CHECK(fault_of(bad, options));
            if (!has_sums) fault_of(bad, options);
        }
    }
}

TEST_CASE("a start position inside an encrypted file", "[encryption]") {
    for (const char* name : recorded_names) {
        INFO(name);
        const std::string bytes = part(name, ".encrypted.gz");
        file_reader_options options = with_keys(name);
        std::vector<std::uint64_t> starts;
        std::vector<std::size_t> transactions;
        const auto note = [&](const event& e) {
            const bool begins =
                e.get<mysql_gtid_event>() != nullptr || e.get<mariadb_gtid_event>() != nullptr;
            if (begins) transactions.push_back(starts.size());
            starts.push_back(e.start);
        };
        CHECK_FALSE(read_all(bytes, 4096, note, options));
        const std::vector<std::uint64_t> whole = starts;
        REQUIRE(transactions.size() > 4);
        const std::size_t third = transactions[3];
        options.start_pos = whole[third];
        starts.clear();
        CHECK_FALSE(read_all(bytes, 4096, note, options));
        const auto from = static_cast<std::ptrdiff_t>(third);
        CHECK(starts == std::vector<std::uint64_t>(whole.begin() + from, whole.end()));
    }
}

TEST_CASE("key files", "[encryption]") {
    const std::string hex16(32, 'a');
    const std::string text =
        "# comment\n\n 3 ; " + hex16 + "  # of the audit log\r\n1;" + hex16 + hex16 + "\n";
    auto keys = read_key_file(as_bytes(text));
    // Spaces around the number's semicolon are no part of the form.
    CHECK_FALSE(keys.has_value());
    const std::string good =
        "# comment\n\n3;" + hex16 + " # of the audit log\r\n1;" + hex16 + hex16;
    keys = read_key_file(as_bytes(good));
    REQUIRE(keys.has_value());
    REQUIRE(keys->size() == 2);
    CHECK(keys->front().id == 3);
    CHECK(keys->back().bytes == std::string(32, '\xaa'));
    CHECK(key_file_fault("") == errc::binlog_encrypted);
    CHECK(key_file_fault("1") == errc::binlog_encrypted);
    CHECK(key_file_fault(hex16) == errc::binlog_encrypted);
    CHECK(key_file_fault("1;abc") == errc::binlog_encrypted);
    CHECK(key_file_fault("1;" + hex16 + "zz") == errc::binlog_encrypted);
    CHECK(key_file_fault("one;" + hex16) == errc::binlog_encrypted);
    CHECK(key_file_fault("{\"version\":\"1.0\"}") == errc::binlog_encrypted);
    CHECK(key_file_fault("{\"elements\":[7]}") == errc::binlog_encrypted);
    CHECK(key_file_fault("Keyring file version:3.0....EOF") == errc::binlog_encrypted);
    auto itself = read_key_file(as_bytes("Salted__12345678abcdef"));
    REQUIRE_FALSE(itself.has_value());
    CHECK(itself.error().workaround().find("openssl enc -d") != std::string::npos);
    std::string keyring = part("mysql-8.0-plugin", ".keys");
    for (std::size_t i = 0; i < keyring.size(); ++i) {
        std::string bad = keyring;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        INFO("byte " << i);
        CHECK(key_file_fault(bad) == errc::binlog_encrypted);
        CHECK(key_file_fault(keyring.substr(0, i)) == errc::binlog_encrypted);
    }
}
