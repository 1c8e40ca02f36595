#include "planner/cli/profile_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "planner/cli/failure.h"
#include "planner/files/nearest.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_in(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code missing;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, missing)) {
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
    }
  }
  return names;
}

std::string find(const std::string& kind, const std::string& name,
                 const std::vector<fs::path>& folders) {
  for (const fs::path& folder : folders) {
    const fs::path file = folder / (name + ".yaml");
    if (fs::exists(file)) return file.string();
  }
  // Last: in its own folder the program `galvatron` has a runtime's name.
  if (fs::exists(name)) return name;
  throw UsageError(fmt::format("no {} named {}", kind, name), suggestion(name, names_in(folders)));
}

}  // namespace

std::string find_hardware_profile(const std::string& name) {
  return find("hardware profile", name, {GALVATRON_SOURCE_PROFILES, GALVATRON_INSTALLED_PROFILES});
}

std::string find_runtime(const std::string& name, const std::string& hardware_path) {
  return find("runtime", name,
              {fs::path(hardware_path).parent_path() / "runtimes",
               fs::path(GALVATRON_SOURCE_PROFILES) / "runtimes",
               fs::path(GALVATRON_INSTALLED_PROFILES) / "runtimes"});
}

}  // namespace galvatron
