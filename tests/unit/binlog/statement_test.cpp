#include <dmlib/binlog/statement.hpp>

#include <catch2/catch.hpp>

using namespace dmlib::binlog;
using c = statement_class;

TEST_CASE("statements are told apart by their first words", "[statement]") {
    const std::pair<const char*, c> cases[] = {
        {"BEGIN", c::begin},
        {"begin work", c::begin},
        {"START TRANSACTION", c::begin},
        {"BEGIN NOT ATOMIC SELECT 1; END", c::dml},
        {"START SLAVE", c::other},
        {"COMMIT", c::commit},
        {"ROLLBACK", c::rollback},
        {"ROLLBACK WORK", c::rollback},
        {"ROLLBACK TO `s1`", c::rollback_to},
        {"ROLLBACK WORK TO SAVEPOINT s", c::rollback_to},
        {"SAVEPOINT `s1`", c::savepoint},
        {"XA START X'7831',X'62',7", c::xa_start},
        {"XA BEGIN 'a'", c::xa_start},
        {"XA END 'a'", c::xa_end},
        {"XA PREPARE 'a'", c::xa_prepare},
        {"XA COMMIT X'7831',X'62',7", c::xa_commit},
        {"XA ROLLBACK 'a'", c::xa_rollback},
        {"/* gh-ost */ alter table t add c int", c::ddl},
        {"-- a comment\n# another\nCREATE TABLE t (a INT)", c::ddl},
        {"/*!40000 ALTER TABLE `t` DISABLE KEYS */", c::ddl},
        {"/*M!100100 CREATE TABLE t (a INT) */", c::ddl},
        {"TRUNCATE t", c::ddl},
        {"insert into t values (1)", c::dml},
        {"(SELECT 1)", c::dml},
        {"with x as (select 1) delete from t", c::dml},
        {"REPLACE t VALUES (1)", c::dml},
        {"# Dummy event replacing event type 160 that slave cannot handle.", c::dummy},
        {"GRANT ALL ON *.* TO x", c::other},
        {"", c::empty},
        {"/* only a comment */", c::empty},
        {"/* never ended", c::empty},
        {"--", c::empty},
        {"COMMITTED", c::other},
        {"'text'", c::other},
    };
    for (const auto& [text, expected] : cases) {
        INFO(text);
        CHECK(classify_statement(text) == expected);
    }
}
