#pragma once

#include <dmlib/schema/catalog.hpp>

#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
DMLIB_DECL std::string catalog::folded(std::string_view name) const {
    return mode_ == 0 ? std::string(name) : folded_name(name);
}

DMLIB_DECL std::string catalog::stored(std::string_view name) const {
    return mode_ == 1 ? folded_name(name) : std::string(name);
}

DMLIB_DECL const database* catalog::find_schema(std::string_view name) const {
    const auto found = schemas_.find(folded(name));
    return found == schemas_.end() ? nullptr : &found->second;
}

DMLIB_DECL std::shared_ptr<const table> catalog::find(std::string_view schema_name,
                                                      std::string_view table_name) const {
    const database* const db = find_schema(schema_name);
    if (db == nullptr) return nullptr;
    const auto found = db->tables.find(folded(table_name));
    return found == db->tables.end() ? nullptr : found->second;
}

DMLIB_DECL void catalog::put_schema(std::string name,
                                    std::string charset,
                                    std::string collation,
                                    std::string comment) {
    database& db = schemas_[folded(name)];
    db.name = stored(name);
    db.charset = std::move(charset);
    db.collation = std::move(collation);
    db.comment = std::move(comment);
}

DMLIB_DECL void catalog::put(table t) {
    database& db = schemas_[folded(t.schema)];
    if (db.name.empty()) {
        db.name = stored(t.schema);
        db.charset = t.charset;
        db.collation = t.collation;
    }
    std::string key = folded(t.name);
    db.tables[std::move(key)] = std::make_shared<const table>(std::move(t));
}

DMLIB_DECL bool catalog::erase(std::string_view schema_name, std::string_view table_name) {
    const auto db = schemas_.find(folded(schema_name));
    return db != schemas_.end() && db->second.tables.erase(folded(table_name)) != 0;
}

DMLIB_DECL bool catalog::erase_schema(std::string_view name) {
    return schemas_.erase(folded(name)) != 0;
}

DMLIB_DECL std::vector<const database*> catalog::schemas() const {
    std::vector<const database*> out;
    for (const auto& [key, db] : schemas_) out.push_back(&db);
    return out;
}

DMLIB_DECL std::vector<std::shared_ptr<const table>> catalog::tables() const {
    std::vector<std::shared_ptr<const table>> out;
    for (const auto& [key, db] : schemas_) {
        for (const auto& [table_key, t] : db.tables) out.push_back(t);
    }
    return out;
}

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
