// A batch that gets its rows as the engine gives them.
#pragma once

#include <dmlib/dml/batch.hpp>

#include <memory>
#include <string>
#include <vector>

struct batch_writer {
    using plan_pointer = std::shared_ptr<const dmlib::dml::table_plan>;
    using values = std::vector<dmlib::value_view>;
    using place = dmlib::dml::batch::place;

    dmlib::dml::batch b;
    std::vector<std::uint64_t> keys;
    dmlib::dml::batch_limits limits;

    void insert(const plan_pointer& plan, const values& after, place where = {"f", 4}) {
        collect(*plan, {}, after, where);
        b.insert(plan, after, keys, limits, where);
    }
    void update(const plan_pointer& plan,
                const values& before,
                const values& after,
                place where = {"f", 4}) {
        collect(*plan, before, after, where);
        b.update(plan, before, after, keys, limits, where);
    }
    void remove(const plan_pointer& plan, const values& before, place where = {"f", 4}) {
        collect(*plan, before, {}, where);
        b.remove(plan, before, keys, limits, where);
    }
    /// The batch's statements.
    std::vector<std::string> close() {
        b.close();
        std::vector<std::string> out;
        for (const auto& s : b.statements) out.push_back(b.sql.substr(s.offset, s.length));
        return out;
    }

private:
    void collect(const dmlib::dml::table_plan& plan,
                 const values& before,
                 const values& after,
                 place& where) {
        const auto effect = dmlib::dml::collect_keys(plan, before, after, keys);
        where.in_order = where.in_order || effect.wild || effect.frees_unknown;
    }
};
