#include "support.hpp"

using namespace sql_test;

TEST_CASE("CREATE TABLE with all kinds of elements in order") {
    const statement s = parsed(
        "create table if not exists db.t (id int unsigned zerofill not null auto_increment primary "
        "key, v varchar(20) character set latin1 collate latin1_bin default 'a''b' comment 'c', "
        "key k (v(5) desc, id), constraint u unique index uk using hash (id) comment 'x' invisible,"
        " constraint f foreign key fi (id) references p.q (a) on delete set null on update "
        "cascade, "
        "check (id > 0) not enforced, index fx ((lower(v)))) engine=InnoDB, row_format=dynamic "
        "default charset utf8mb4 comment='t' auto_increment 5");
    CHECK(s.kind == statement_kind::create_table);
    const auto& t = *s.get<create_table_statement>();
    CHECK(t.table == table_name{"db", "t"});
    REQUIRE(t.elements.size() == 7);
    const auto& id = std::get<column_definition>(t.elements[0]);
    CHECK(id.type.kind == type_kind::int_);
    CHECK((id.type.is_unsigned && id.type.zerofill && id.auto_increment && id.primary_key));
    const auto& v = std::get<column_definition>(t.elements[1]);
    CHECK(v.type.charset == "latin1");
    CHECK(v.type.collation == "latin1_bin");
    CHECK(v.default_value->expr.value.text == "a'b");
    const auto& k = std::get<key_definition>(t.elements[2]);
    CHECK(k.parts[0].length == 5u);
    CHECK(k.parts[0].descending == true);
    const auto& u = std::get<key_definition>(t.elements[3]);
    CHECK(u.constraint_name == "u");
    CHECK(u.name == "uk");
    CHECK(u.options.using_type == "hash");
    CHECK(u.options.invisible == true);
    const auto& f = std::get<foreign_key_definition>(t.elements[4]);
    CHECK(f.references.on_delete == reference_action::set_null);
    CHECK(std::get<table_check>(t.elements[5]).check.enforced == false);
    CHECK(std::get<key_definition>(t.elements[6]).parts[0].text.value == "lower(v)");
    CHECK(t.options.size() == 5);
    CHECK(t.options[3].kind == table_option_kind::comment);
}

TEST_CASE("CREATE TABLE LIKE, SELECT and the row-format form of it") {
    CHECK(parsed("create table a like b").get<create_table_statement>()->like->table == "b");
    CHECK(parsed("create table a (like x.b)").get<create_table_statement>()->like->schema == "x");
    CHECK(
        parsed("create table a as select 1 union select 2").get<create_table_statement>()->select ==
        "select 1 union select 2");
    CHECK(
        parsed("create table a (x int) ignore (select 1)").get<create_table_statement>()->select ==
        "(select 1)");
    const statement s = parsed("CREATE TABLE `t` (`a` int NOT NULL) START TRANSACTION");
    CHECK(s.get<create_table_statement>()->options[0].kind == table_option_kind::start_transaction);
    CHECK(parsed("create temporary table t (a int)").kind ==
          statement_kind::create_temporary_table);
}

TEST_CASE("data types and their aliases") {
    const auto type = [](const char* text, const parse_options& o = mysql()) {
        INFO(text);
        const result<data_type> t = parse_data_type(text, o);
        REQUIRE(t.has_value());
        const result<data_type> again = parse_data_type(print(*t), o);
        REQUIRE(again.has_value());
        CHECK(*again == *t);
        return print(*t);
    };
    CHECK(type("integer(5)") == "int(5)");
    CHECK(type("bool") == "boolean");
    CHECK(type("dec(5,2) unsigned") == "decimal(5,2) unsigned");
    CHECK(type("double precision") == "double");
    CHECK(type("long varchar") == "mediumtext");
    CHECK(type("long varbinary") == "mediumblob");
    CHECK(type("national character varying(5)") == "national varchar(5)");
    CHECK(type("nchar varchar(5)") == "national varchar(5)");
    CHECK(type("char(3) byte") == "char(3) character set binary");
    CHECK(type("text(300) ascii binary") == "text(300) character set latin1 binary");
    CHECK(type("enum('a',x'62','c''d')") == "enum('a',x'62','c''d')");
    CHECK(type("middleint") == "mediumint");
    CHECK(type("geomcollection") == "geometrycollection");
    CHECK(type("vector(3)", mysql(9, 7, 4)) == "vector(3)");
    CHECK(type("uuid", mariadb()) == "uuid");
    CHECK(type("blob compressed", mariadb()) == "blob compressed");
    CHECK(type("decimal(19.5)") == "decimal(19)");
    parse_options oracle = mariadb();
    oracle.mode = parse_sql_mode("ORACLE", flavor::mariadb);
    CHECK(parse_data_type("number(5)", oracle)->kind == type_kind::decimal);
    CHECK(parse_data_type("raw(5)", oracle)->kind == type_kind::varbinary);
    CHECK(parse_data_type("date", oracle)->kind == type_kind::datetime);
    CHECK_FALSE(parse_data_type("uuid", mysql()).has_value());
    CHECK_FALSE(parse_data_type("json", mysql(5, 6, 14)).has_value());
}

TEST_CASE("column attributes") {
    const auto column = [](const std::string& text, const parse_options& o = mysql()) {
        const statement s = parsed("create table t (" + text + ")", o);
        return std::get<column_definition>(s.get<create_table_statement>()->elements[0]);
    };
    const column_definition now =
        column("a datetime(6) default now(6) on update localtimestamp(6) null");
    CHECK(now.default_value->expr.name == "current_timestamp");
    CHECK(now.default_value->expr.operands[0].value.text == "6");
    CHECK(now.on_update->operands.size() == 1);
    const column_definition g = column("a int generated always as (`b` + 1) stored not null");
    CHECK(g.generated->kind == generated_kind::stored);
    CHECK(g.generated->text.value == "`b` + 1");
    CHECK(g.nullable == false);
    CHECK(column("a int default (1 + 1)").default_value->parenthesised);
    CHECK(column("a int default -1").default_value->expr.op == expression_operator::negate);
    CHECK(column("a char(36) default uuid()", mariadb()).default_value->expr.name == "uuid");
    CHECK(column("a int serial default value").serial_default);
    CHECK(column("a point srid 4326 not null").srid == 4326u);
    CHECK(column("a int invisible column_format fixed storage disk").column_format == "fixed");
    CHECK(column("a timestamp(6) generated always as row start", mariadb()).period ==
          row_bound::start);
    CHECK(column("a int constraint c check (a > 0) check (a < 9)").checks.size() == 2);
    CHECK(column("a int references p (b) on delete cascade").references->table.table == "p");
    CHECK(column("a int x=1 `y z`='v'", mariadb()).custom.size() == 2);
    CHECK(refusal("create table t (a int default uuid())").find("1:31: expected a constant") !=
          std::string::npos);
    CHECK_FALSE(refusal("create table t (a int not null as (1))").empty());
    CHECK_FALSE(refusal("create table t (rank int)", mysql(8, 0, 33)).empty());
    CHECK(column("rank int", mysql(5, 6, 14)).name == "rank");
    CHECK(parsed("alter table default.t add `a b` int").kind == statement_kind::alter_table);
}

TEST_CASE("ALTER TABLE changes") {
    const auto specs = [](const std::string& text, const parse_options& o = mysql()) {
        return parsed("alter table t " + text, o).get<alter_table_statement>()->specs;
    };
    const auto s = specs(
        "add a int first, add column (b int, key (b)), drop c, modify d int after a, change e f "
        "int, rename column g to h, alter i set default 1, alter j drop default, add index (k), "
        "drop index l, rename index m to n, drop primary key, add primary key (o), drop foreign "
        "key p, add constraint q check (r > 1), drop check s, alter index u invisible, rename to "
        "v.w, convert to character set utf8mb4 collate utf8mb4_bin, engine=innodb comment='x', "
        "order by a, b desc, force, enable keys, algorithm=inplace, lock none");
    CHECK(s.size() == 25);
    CHECK(std::get<add_column>(s[0].change).position.place == column_place::first);
    CHECK(std::get<add_columns>(s[1].change).elements.size() == 2);
    CHECK(std::get<change_column>(s[4].change).old_name == "e");
    CHECK(std::get<set_options>(s[19].change).options.size() == 2);
    CHECK(std::get<order_by>(s[20].change).parts.size() == 2);
    CHECK(std::get<alter_execution>(s[24].change).value == "NONE");
    const auto m = specs(
        "add column if not exists a int, drop index if exists b, add period for p (c, d), add "
        "system versioning, alter index e not ignored, drop constraint if exists f",
        mariadb());
    CHECK(m.size() == 6);
    CHECK(specs("").empty());
    CHECK_FALSE(refusal("alter table t drop column if exists a").empty());
    CHECK_FALSE(refusal("alter table t alter index i ignored").empty());
    CHECK_FALSE(refusal("alter table t add a int,").empty());
}

TEST_CASE("partitions") {
    parsed(
        "create table t (a int) partition by range (a) (partition p0 values less than (10) "
        "engine=innodb, partition p1 values less than maxvalue comment 'x')");
    parsed(
        "create table t (a int) partition by list columns (a, b) (partition p values in "
        "((1,'a'),(2,'b')))");
    parsed("create table t (a int) partition by linear key algorithm=2 (a) partitions 4");
    parsed(
        "create table t (a date) partition by range (to_days(a)) subpartition by hash (day(a)) "
        "subpartitions 2 (partition p values less than (5) (subpartition s0, subpartition s1))");
    parsed(
        "create table t (a int) partition by system_time interval 1 week (partition h history, "
        "partition c current)",
        mariadb());
    const statement show = parsed(
        "CREATE TABLE `t` (`a` int) ENGINE=InnoDB\n/*!50100 PARTITION BY RANGE (`a`)\n(PARTITION "
        "p0 "
        "VALUES LESS THAN (1) ENGINE = InnoDB) */");
    CHECK(show.get<create_table_statement>()->partition->partitions.size() == 1);
    for (const char* text :
         {"add partition (partition p values less than (1))",
          "add partition partitions 3",
          "drop partition a, b",
          "truncate partition all",
          "coalesce partition 2",
          "reorganize partition a into (partition b values in (1, null), partition c default)",
          "exchange partition p with table x.y without validation",
          "remove partitioning",
          "check partition p quick for upgrade",
          "discard partition p tablespace",
          "partition by hash (a) partitions 2",
          "add a int partition by key ()"}) {
        const bool mysql_only = std::string_view{text}.find("c default") == std::string_view::npos;
        parsed("alter table t " + std::string{text}, mysql_only ? mysql() : mariadb());
    }
    parsed("alter table t convert partition p to table x", mariadb());
    parsed("alter table t convert table x to partition p values less than (1) with validation",
           mariadb());
}

TEST_CASE("indexes, databases, renames, sequences, SET and USE") {
    parsed("create unique index i using btree on t (a(3), (a + 1) desc) comment 'x' lock=none");
    parsed("create or replace fulltext index if not exists i on t (a) wait 5", mariadb());
    parsed("drop index i on t algorithm=inplace");
    parsed("create database if not exists d default character set utf8 collate utf8_bin");
    parsed("alter database d read only = 1");
    parsed("alter schema default collate utf8mb4_bin");
    parsed("drop database if exists d");
    parsed("drop table if exists a, b.c cascade");
    parsed("rename table a to b, c.d to e.f");
    parsed("truncate t");
    parsed("create sequence if not exists s start with 5 increment by 2 cache 10", mariadb());
    parsed("alter sequence s restart 7", mariadb());
    const statement set = parsed(
        "set names utf8mb4 collate utf8mb4_bin, @a = 1, session sql_mode = "
        "'ANSI_QUOTES', @@global.x := default, foreign_key_checks = off");
    const auto& a = set.get<set_statement>()->assignments;
    REQUIRE(a.size() == 5);
    CHECK(a[0].scope == "names");
    CHECK(a[2].name == "sql_mode");
    CHECK(a[3].scope == "global");
    CHECK(parsed("use `a b`").get<use_statement>()->schema == "a b");
    CHECK(
        parsed("set statement max_statement_time=1 for alter table t add a int", mariadb()).kind ==
        statement_kind::alter_table);
}

TEST_CASE("everything else is classified and never refused") {
    const auto kind = [](const char* text, const parse_options& o = mysql()) {
        const statement_kind fast = classify(text, o);
        CHECK(parsed(text, o).kind == fast);
        return std::string{name_of(fast)};
    };
    CHECK(kind("insert into t values (1)") == "insert");
    CHECK(kind("DELETE FROM t") == "delete");
    CHECK(kind("with x as (select 1) update t set a = 1") == "update");
    CHECK(kind("((select 1))") == "select");
    CHECK(kind("create definer=`a`@`%` sql security definer view v as select 1") == "create_view");
    CHECK(kind("create or replace algorithm=merge view v as select 1", mariadb()) == "create_view");
    CHECK(
        kind("create definer=current_user() trigger t before insert on x for each row set @a=1") ==
        "create_trigger");
    CHECK(kind("create aggregate function f returns int soname 'x'") == "create_function");
    CHECK(kind("grant all on *.* to a") == "grant");
    CHECK(kind("BEGIN") == "begin");
    CHECK(kind("start transaction") == "begin");
    CHECK(kind("rollback to savepoint a") == "rollback_to_savepoint");
    CHECK(kind("xa prepare 'a'") == "xa_prepare");
    CHECK(kind("flush tables") == "flush");
    CHECK(kind("create spatial reference system 4120 name 'x'") ==
          "create_spatial_reference_system");
    CHECK(kind("create spatial index i on t (a)") == "create_index");
    CHECK(kind("begin not atomic select 1; end", mariadb()) == "compound");
    CHECK(kind("set password = 'x'") == "set_password");
    CHECK(kind("set transaction read only") == "set_transaction");
    CHECK(kind("analyze table t") == "analyze_table");
    CHECK(kind(" -- nothing\n ;") == "empty");
    CHECK(kind("gibberish here") == "unknown");
    CHECK(kind("set syntax error here (") == "set");
    CHECK(parsed("drop view a, b.c").get<other_statement>()->names.size() == 2);
    CHECK(is_dml(statement_kind::load_data));
    CHECK_FALSE(is_table_ddl(statement_kind::create_view));
}

TEST_CASE("an error says line, column and what was expected") {
    CHECK(refusal("create table t (\n  a int,\n  b nonsense\n)") ==
          "line 3:5: expected a data type, found 'nonsense'");
    CHECK(refusal("drop table") == "line 1:11: expected a name, found the end");
    CHECK(refusal("truncate t x y").find("expected the end of the statement") != std::string::npos);
}

TEST_CASE("names in brackets under sql_mode=MSSQL of MariaDB", "[sql]") {
    parse_options mssql = mariadb();
    mssql.mode = parse_sql_mode("MSSQL", flavor::mariadb);
    CHECK(printed("CREATE TABLE [a]] b].[default] ([x y] INT, KEY [k] ([x y]), CHECK ([x y] > 1))",
                  mssql) ==
          printed("CREATE TABLE `a] b`.`default` (`x y` INT, KEY `k` (`x y`), CHECK (`x y` > 1))",
                  mariadb()));
    CHECK(printed("CREATE TABLE t AS SELECT [a] FROM [b]", mssql) ==
          printed("CREATE TABLE t AS SELECT `a` FROM `b`", mariadb()));
    refusal("CREATE TABLE [t] (a INT)", mariadb());
    parse_options mysql_5 = mysql(5, 6, 14);
    mysql_5.mode = parse_sql_mode("MSSQL", flavor::mysql);
    refusal("CREATE TABLE [t] (a INT)", mysql_5);
    refusal("CREATE TABLE [t (a INT)", mssql);
}

TEST_CASE("TIMESTAMP is DATETIME under sql_mode=MAXDB", "[sql]") {
    for (parse_options o : {mysql(5, 6, 14), mariadb()}) {
        o.mode = parse_sql_mode("MAXDB", o.flavor);
        CHECK(printed("CREATE TABLE t (a TIMESTAMP(3))", o) ==
              printed("CREATE TABLE t (a DATETIME(3))", o));
    }
}

TEST_CASE("IF EXISTS of a period stands before FOR", "[sql]") {
    const parse_options o = mariadb(11, 8, 6);
    parsed("ALTER TABLE t ADD PERIOD IF NOT EXISTS FOR p(a, b)", o);
    parsed("ALTER TABLE t DROP PERIOD IF EXISTS FOR p", o);
    parsed("ALTER TABLE t ADD PERIOD FOR SYSTEM_TIME(a, b), DROP PERIOD FOR SYSTEM_TIME", o);
    refusal("ALTER TABLE t ADD PERIOD FOR IF NOT EXISTS p(a, b)", o);
    refusal("ALTER TABLE t DROP PERIOD FOR IF EXISTS p", o);
    refusal("CREATE TABLE t (a DATE, b DATE, PERIOD IF NOT EXISTS FOR p(a, b))", o);
}
