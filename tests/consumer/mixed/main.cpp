#include <dmlib/core/error.hpp>

int code_elsewhere(const dmlib::error& e);

int main() {
    const dmlib::error e(dmlib::errc::config_usage);
    return code_elsewhere(e) == static_cast<int>(dmlib::errc::config_usage) ? 0 : 1;
}
