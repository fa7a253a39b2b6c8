#include <dmlib/dmlib.hpp>

std::string from_the_other_file() {
    return dmlib::quoted({"shop", "o`rders"});
}
dmlib::error error_from_the_other_file() {
    return dmlib::error(dmlib::errc::config_usage);
}
