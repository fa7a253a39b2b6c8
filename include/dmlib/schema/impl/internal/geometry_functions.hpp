// The names under which MariaDB prints functions of geometries: it knows most by several.
#pragma once

#include <dmlib/core/config.hpp>

#include <string>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace schema {
namespace internal {

struct geometry_alias {
    std::string_view name;
    std::string_view shown;
};

/// Read from 10.2, 10.5, 10.11 and 11.8, which agree.
inline constexpr geometry_alias geometry_aliases[] = {
    {"area", "st_area"},
    {"asbinary", "st_aswkb"},
    {"astext", "st_astext"},
    {"aswkb", "st_aswkb"},
    {"aswkt", "st_astext"},
    {"boundary", "st_boundary"},
    {"buffer", "st_buffer"},
    {"centroid", "st_centroid"},
    {"contains", "st_contains"},
    {"convexhull", "st_convexhull"},
    {"crosses", "st_crosses"},
    {"dimension", "st_dimension"},
    {"disjoint", "mbrdisjoint"},
    {"endpoint", "st_endpoint"},
    {"envelope", "st_envelope"},
    {"equals", "st_equals"},
    {"exteriorring", "st_exteriorring"},
    {"geometryn", "st_geometryn"},
    {"geometrytype", "st_geometrytype"},
    {"glength", "st_length"},
    {"interiorringn", "st_interiorringn"},
    {"intersects", "mbrintersects"},
    {"isclosed", "st_isclosed"},
    {"isempty", "st_isempty"},
    {"isring", "st_isring"},
    {"issimple", "st_issimple"},
    {"mbrequal", "mbrequals"},
    {"mbrtouches", "st_touches"},
    {"numgeometries", "st_numgeometries"},
    {"numinteriorrings", "st_numinteriorrings"},
    {"numpoints", "st_numpoints"},
    {"overlaps", "mbroverlaps"},
    {"pointn", "st_pointn"},
    {"pointonsurface", "st_pointonsurface"},
    {"st_asbinary", "st_aswkb"},
    {"st_aswkt", "st_astext"},
    {"st_srid", "srid"},
    {"startpoint", "st_startpoint"},
    {"touches", "st_touches"},
    {"within", "st_within"},
    {"x", "st_x"},
    {"y", "st_y"},
};

/// The kinds of geometry in ..FROMTEXT and ..FROMWKB, which all are one function.
inline bool is_geometry_reader(std::string_view name, std::string_view ending) noexcept {
    if (!name.ends_with(ending)) return false;
    name.remove_suffix(ending.size());
    if (name.starts_with("st_")) name.remove_prefix(3);
    for (const std::string_view kind : {"geom",
                                        "geometry",
                                        "geomcoll",
                                        "geometrycollection",
                                        "point",
                                        "line",
                                        "linestring",
                                        "poly",
                                        "polygon",
                                        "mpoint",
                                        "multipoint",
                                        "mline",
                                        "multilinestring",
                                        "mpoly",
                                        "multipolygon"}) {
        if (name == kind) return true;
    }
    return false;
}

/// `name` in small letters; itself where it has no other.
inline std::string shown_geometry_function(const std::string& name) {
    if (is_geometry_reader(name, "fromtext")) return "st_geometryfromtext";
    if (is_geometry_reader(name, "fromwkb")) return "st_geometryfromwkb";
    for (const geometry_alias& a : geometry_aliases) {
        if (a.name == name) return std::string(a.shown);
    }
    return name;
}

}  // namespace internal
}  // namespace schema
}  // namespace DMLIB_ABI
}  // namespace dmlib
