#include "support.hpp"

using namespace sql_test;

TEST_CASE("every table name of a statement is visited with its role") {
    statement s = parsed(
        "create table a (b int references c.d (e), foreign key (b) references f "
        "(g)) union=(h, i.j)");
    std::string seen;
    visit_tables(s, [&](table_name& t, name_role role) {
        seen += t.schema + "." + t.table + ":" + std::to_string(static_cast<int>(role)) + " ";
        t.schema = "new";
    });
    CHECK(seen == ".a:0 c.d:3 .f:3 .h:4 i.j:4 ");
    CHECK(print(s) ==
          "CREATE TABLE `new`.`a` (`b` int REFERENCES `new`.`d` (`e`), FOREIGN KEY (`b`) "
          "REFERENCES `new`.`f` (`g`)) UNION=(`new`.`h`, `new`.`j`)");
}

TEST_CASE("names are completed; a reference belongs to the child's schema") {
    statement s = parsed("alter table x.t add foreign key (a) references p (b), rename to u");
    qualify_tables(s, "d");
    CHECK(print(s) ==
          "ALTER TABLE `x`.`t` ADD FOREIGN KEY (`a`) REFERENCES `x`.`p` (`b`), RENAME TO "
          "`d`.`u`");
    const statement before = parsed("rename table a to b");
    statement after = before;
    qualify_tables(after, "d");
    CHECK(print(after) == "RENAME TABLE `d`.`a` TO `d`.`b`");
    std::size_t count = 0;
    visit_tables(before, [&](const table_name&, name_role) { ++count; });
    CHECK(count == 2);
}

TEST_CASE("an ALTER is cut into one statement per change") {
    const statement s = parsed("alter table t rename to u, add a int, drop b, algorithm=copy");
    std::string all;
    for (const statement& part : split_alter(s)) all += print(part) + "\n";
    CHECK(all ==
          "ALTER TABLE `t` ADD COLUMN `a` int, ALGORITHM=COPY\n"
          "ALTER TABLE `t` DROP COLUMN `b`, ALGORITHM=COPY\n"
          "ALTER TABLE `t` RENAME TO `u`, ALGORITHM=COPY\n");
    CHECK(split_alter(parsed("alter table t add a int")).size() == 1);
    CHECK(split_alter(parsed("drop table t")).size() == 1);
    CHECK(print(without_spec(s, 2)) ==
          "ALTER TABLE `t` RENAME TO `u`, ADD COLUMN `a` int, ALGORITHM=COPY");
    const auto& spec = s.get<alter_table_statement>()->specs[1];
    CHECK(print(spec) == "ADD COLUMN `a` int");
    CHECK(spec.span.begin == 27);
    CHECK(spec.span.end == 36);
}

TEST_CASE("text prints for the session that will read it") {
    const statement s = parsed("create table `a``b` (c char(9) default 'x\\\\y\\n''')");
    CHECK(print(s) == "CREATE TABLE `a``b` (`c` char(9) DEFAULT 'x\\\\y\\n''')");
    print_options bare;
    bare.no_backslash_escapes = true;
    CHECK(print(s, bare) == "CREATE TABLE `a``b` (`c` char(9) DEFAULT 'x\\y\n''')");
    print_options maria;
    maria.dialect = target_dialect::mariadb;
    CHECK(print(parsed("alter table t alter index i invisible"), maria) ==
          "ALTER TABLE `t` ALTER INDEX `i` IGNORED");
}
