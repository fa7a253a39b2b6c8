// Two translation units include everything that is promised: a body without `inline` is there
// twice.
#include <dmlib/dmlib.hpp>

#include <cstdio>

std::string from_the_other_file();
dmlib::error error_from_the_other_file();

int main() {
    const dmlib::error e = error_from_the_other_file();
    std::printf("%s %s\n", dmlib::version_text, from_the_other_file().c_str());
    const bool good = e.code() == dmlib::errc::config_usage && !e.workaround().empty() &&
                      from_the_other_file() == dmlib::quoted({"shop", "o`rders"}) &&
                      dmlib::make_local_coordinator()->locks().empty();
    return good ? 0 : 1;
}
