// Changes to parsed statements: table names, single changes of an ALTER, names in expressions.
#pragma once

#include <dmlib/sql/printer.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

using table_visitor = std::function<void(table_name&, name_role)>;

inline void visit_element(table_element& e, const table_visitor& f) {
    if (auto* c = std::get_if<column_definition>(&e)) {
        if (c->references) f(c->references->table, name_role::referenced);
    } else if (auto* k = std::get_if<foreign_key_definition>(&e)) {
        f(k->references.table, name_role::referenced);
    }
}

inline void visit_options(std::vector<table_option>& options, const table_visitor& f) {
    for (table_option& o : options) {
        for (table_name& t : o.tables) f(t, name_role::member);
    }
}

inline void visit_change(alter_change& change, const table_visitor& f) {
    const auto column = [&f](column_definition& c) {
        if (c.references) f(c.references->table, name_role::referenced);
    };
    if (auto* a = std::get_if<add_column>(&change)) column(a->column);
    if (auto* m = std::get_if<modify_column>(&change)) column(m->column);
    if (auto* c = std::get_if<change_column>(&change)) column(c->column);
    if (auto* l = std::get_if<add_columns>(&change)) {
        for (table_element& e : l->elements) visit_element(e, f);
    }
    if (auto* k = std::get_if<add_foreign_key>(&change)) {
        f(k->key.references.table, name_role::referenced);
    }
    if (auto* r = std::get_if<rename_to>(&change)) f(r->table, name_role::new_name);
    if (auto* o = std::get_if<set_options>(&change)) visit_options(o->options, f);
    if (auto* p = std::get_if<partition_change>(&change)) {
        if (p->table) f(*p->table, name_role::member);
    }
}

struct table_visit {
    const table_visitor& f;

    void operator()(create_table_statement& s) const {
        f(s.table, name_role::subject);
        if (s.like) f(*s.like, name_role::like);
        for (table_element& e : s.elements) visit_element(e, f);
        visit_options(s.options, f);
    }
    void operator()(alter_table_statement& s) const {
        f(s.table, name_role::subject);
        for (alter_spec& spec : s.specs) visit_change(spec.change, f);
    }
    void operator()(drop_table_statement& s) const {
        for (table_name& t : s.tables) f(t, name_role::subject);
    }
    void operator()(rename_table_statement& s) const {
        for (auto& p : s.pairs) {
            f(p.from, name_role::subject);
            f(p.to, name_role::new_name);
        }
    }
    void operator()(truncate_table_statement& s) const { f(s.table, name_role::subject); }
    void operator()(create_index_statement& s) const { f(s.table, name_role::subject); }
    void operator()(drop_index_statement& s) const { f(s.table, name_role::subject); }
    void operator()(create_sequence_statement& s) const { f(s.name, name_role::subject); }
    void operator()(alter_sequence_statement& s) const { f(s.name, name_role::subject); }
    void operator()(drop_sequence_statement& s) const {
        for (table_name& t : s.names) f(t, name_role::subject);
    }
    template <class Other>
    void operator()(Other&) const {}
};

}  // namespace internal

DMLIB_DECL void visit_tables(statement& s, const std::function<void(table_name&, name_role)>& f) {
    std::visit(internal::table_visit{f}, s.node);
}

DMLIB_DECL void visit_tables(const statement& s,
                             const std::function<void(const table_name&, name_role)>& f) {
    // The visitor only reads: no name of `s` is changed through the cast.
    visit_tables(const_cast<statement&>(s),
                 [&f](table_name& name, name_role role) { f(name, role); });
}

DMLIB_DECL void qualify_tables(statement& s, const std::string& default_schema) {
    std::string child = default_schema;
    visit_tables(s, [&](table_name& name, name_role role) {
        if (name.schema.empty())
            name.schema = role == name_role::referenced ? child : default_schema;
        if (role == name_role::subject) child = name.schema;
    });
}

DMLIB_DECL std::vector<statement> split_alter(const statement& s) {
    std::vector<statement> out;
    const auto* alter = s.get<alter_table_statement>();
    if (alter == nullptr) return {s};
    std::vector<alter_spec> execution;
    std::vector<alter_spec> changes;
    std::vector<alter_spec> last;  // a rename takes effect behind everything else
    for (const alter_spec& spec : alter->specs) {
        if (std::holds_alternative<alter_execution>(spec.change)) {
            execution.push_back(spec);
        } else if (std::holds_alternative<rename_to>(spec.change)) {
            last.push_back(spec);
        } else {
            changes.push_back(spec);
        }
    }
    changes.insert(changes.end(), last.begin(), last.end());
    if (changes.size() < 2) return {s};
    for (alter_spec& change : changes) {
        statement one = s;
        auto& node = std::get<alter_table_statement>(one.node);
        node.specs = {change};
        node.specs.insert(node.specs.end(), execution.begin(), execution.end());
        out.push_back(std::move(one));
    }
    return out;
}

DMLIB_DECL statement without_spec(const statement& s, std::size_t index) {
    statement out = s;
    if (auto* alter = out.get<alter_table_statement>()) {
        if (index < alter->specs.size()) {
            alter->specs.erase(alter->specs.begin() + static_cast<std::ptrdiff_t>(index));
        }
    }
    return out;
}

namespace internal {

inline void collect_columns(const expression& e, std::vector<std::string>& out) {
    if (e.kind == expression_kind::column && e.text != "keyword") out.push_back(e.name);
    for (const expression& o : e.operands) collect_columns(o, out);
}

inline bool same_name(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower_ascii(a[i]) != lower_ascii(b[i])) return false;
    }
    return true;
}

}  // namespace internal

DMLIB_DECL std::vector<std::string> columns_of(const expression& e) {
    std::vector<std::string> out;
    internal::collect_columns(e, out);
    return out;
}

DMLIB_DECL void rename_column_in(expression& e, const std::string& from, const std::string& to) {
    if (e.kind == expression_kind::column && e.text != "keyword" &&
        internal::same_name(e.name, from)) {
        e.name = to;
    }
    for (expression& o : e.operands) rename_column_in(o, from, to);
}

DMLIB_DECL void rename_qualifier_in(expression& e, const std::string& from, const std::string& to) {
    if (e.kind == expression_kind::column && internal::same_name(e.qualifier, from)) {
        e.qualifier = to;
        if (to.empty()) e.schema.clear();
    }
    for (expression& o : e.operands) rename_qualifier_in(o, from, to);
}

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
