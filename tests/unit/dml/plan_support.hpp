// Tables and plans for tests of this room.
#pragma once

#include <dmlib/dml/table_plan.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

inline dmlib::schema::column make_column(const std::string& name,
                                         dmlib::schema::type_kind type,
                                         const std::string& charset = "",
                                         const std::string& collation = "") {
    dmlib::schema::column c;
    c.name = name;
    c.type = type;
    c.charset = charset;
    c.collation = collation;
    return c;
}

inline dmlib::schema::key make_key(const std::string& name,
                                   dmlib::schema::key_kind kind,
                                   const std::vector<std::string>& columns) {
    dmlib::schema::key k;
    k.name = name;
    k.kind = kind;
    for (const auto& c : columns) k.parts.push_back({c, "", std::nullopt, false});
    return k;
}

inline std::shared_ptr<const dmlib::dml::table_plan> plan_of(
    const dmlib::schema::table& t,
    const dmlib::schema::table* target = nullptr,
    dmlib::target_dialect dialect = dmlib::target_dialect::mysql) {
    static std::vector<std::size_t> all;
    all.clear();
    for (std::size_t i = 0; i < t.columns.size(); ++i) all.push_back(i);
    dmlib::dml::plan_input in;
    in.target_name = {"s2", "t2"};
    in.source = &t;
    in.image_columns = all;
    in.target = target;
    in.dialect = dialect;
    auto plan = dmlib::dml::make_table_plan(in);
    REQUIRE(plan);
    return *plan;
}
