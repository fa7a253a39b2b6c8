// Schemas and tables of one source, and how names are compared there.
#pragma once

#include <dmlib/schema/table.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {

struct database {
    std::string name;
    std::string charset;
    std::string collation;
    std::string comment;                                                      ///< MariaDB
    std::map<std::string, std::shared_ptr<const table>, std::less<>> tables;  ///< by folded name
};

/// All definitions of one source. Tables are immutable and shared, so a copy of a catalog is cheap
/// and a reader keeps what it holds. Not thread safe.
class catalog {
public:
    /// `lower_case_table_names` as the server's: 0 names differ by case, 1 names are stored in
    /// lower case, 2 stored as written and compared in lower case.
    explicit catalog(int lower_case_table_names = 0) noexcept : mode_(lower_case_table_names) {}

    int lower_case_table_names() const noexcept { return mode_; }
    /// The key under which a schema's or table's name is kept.
    DMLIB_DECL std::string folded(std::string_view name) const;
    /// The name as the server stores it: lower case in mode 1.
    DMLIB_DECL std::string stored(std::string_view name) const;

    DMLIB_DECL const database* find_schema(std::string_view name) const;
    DMLIB_DECL std::shared_ptr<const table> find(std::string_view schema_name,
                                                 std::string_view table_name) const;
    /// Adds or replaces; tables of a replaced schema stay.
    DMLIB_DECL void put_schema(std::string name,
                               std::string charset,
                               std::string collation,
                               std::string comment = {});
    /// Adds or replaces; the schema is made with the table's charset where it is not known.
    DMLIB_DECL void put(table t);
    DMLIB_DECL bool erase(std::string_view schema_name, std::string_view table_name);
    DMLIB_DECL bool erase_schema(std::string_view name);
    DMLIB_DECL std::vector<const database*> schemas() const;
    /// Every table, ordered by schema and name.
    DMLIB_DECL std::vector<std::shared_ptr<const table>> tables() const;

private:
    int mode_ = 0;
    std::map<std::string, database, std::less<>> schemas_;  // by folded name
};

}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib

#if defined(DMLIB_HEADER_ONLY)
#include <dmlib/schema/impl/catalog.ipp>
#endif
