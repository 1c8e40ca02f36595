#include "test/include_rules/include_rules.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <regex>
#include <string_view>

namespace galvatron {
namespace {

namespace fs = std::filesystem;

struct Folder {
  std::string_view path;
  std::vector<std::string_view> may_include = {};  // besides itself
};

const std::array kFolders = {
    Folder{"cost_models"},
    Folder{"planner/files", {"cost_models"}},
    Folder{"planner/model", {"planner/files", "cost_models"}},
    Folder{"planner/plan", {"planner/model", "planner/files", "cost_models"}},
    Folder{"planner/import", {"planner/plan", "planner/model", "planner/files", "cost_models"}},
    Folder{"planner/schedule", {"planner/plan", "planner/model", "planner/files", "cost_models"}},
    Folder{"planner/search",
           {"planner/schedule", "planner/plan", "planner/model", "planner/files", "cost_models"}},
    Folder{"planner/review",
           {"planner/search", "planner/schedule", "planner/plan", "planner/model", "planner/files",
            "cost_models"}},
    Folder{"planner/cli", {"planner", "cost_models"}},
    Folder{"executor",
           {"planner/schedule", "planner/plan", "planner/model", "planner/files", "cost_models"}},
};

// Libraries of the executor alone: the planner must build where none of them is installed.
constexpr std::array<std::string_view, 10> kExecutorLibraries = {
    "torch/", "ATen/",  "c10/",         "caffe2/",   "mpi.h",
    "nccl.h", "cuda.h", "cuda_runtime", "cuda_fp16", "cuda_bf16"};

bool lies_in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

const Folder* folder_of(std::string_view path) {
  const auto found = std::find_if(kFolders.begin(), kFolders.end(),
                                  [&](const Folder& folder) { return lies_in(path, folder.path); });
  return found == kFolders.end() ? nullptr : &*found;
}

bool may_include(const Folder& from, std::string_view path) {
  return lies_in(path, from.path) ||
         std::any_of(from.may_include.begin(), from.may_include.end(),
                     [&](std::string_view folder) { return lies_in(path, folder); });
}

// What is wrong with the include of `target` from `file`, both relative to the root.
std::optional<std::string> objection(std::string_view file, bool quoted, std::string_view target) {
  const bool is_test = lies_in(file, "test");
  const Folder* folder = folder_of(is_test ? file.substr(std::string_view("test/").size()) : file);
  if (!quoted) {
    const bool of_executor =
        std::any_of(kExecutorLibraries.begin(), kExecutorLibraries.end(),
                    [&](std::string_view library) { return target.starts_with(library); });
    if (of_executor && (folder == nullptr || folder->path != "executor")) {
      return "only executor/ may include <" + std::string(target) + ">";
    }
    return std::nullopt;
  }
  if (is_test && lies_in(target, "test")) return std::nullopt;
  if (folder == nullptr) return std::nullopt;
  if (may_include(*folder, target)) return std::nullopt;
  if (folder_of(target) == nullptr) {
    return "expected a path from the root of the repository, got \"" + std::string(target) + "\"";
  }
  return std::string(folder->path) + " may not include \"" + std::string(target) + "\"";
}

std::vector<std::string> violations_in(const fs::path& root, const std::string& file) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)re");
  std::vector<std::string> violations;
  std::ifstream stream(root / file);
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    std::smatch match;
    if (!std::regex_match(line, match, kInclude)) continue;
    if (const auto message = objection(file, match.str(1) == "\"", match.str(2))) {
      violations.push_back(file + ":" + std::to_string(number) + ": " + *message);
    }
  }
  return violations;
}

}  // namespace

std::vector<std::string> include_violations(const fs::path& root) {
  std::vector<std::string> violations;
  for (const char* top : {"cost_models", "planner", "executor", "test"}) {
    if (!fs::exists(root / top)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / top)) {
      const fs::path extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc" && extension != ".cu") continue;
      const auto found =
          violations_in(root, entry.path().lexically_relative(root).generic_string());
      violations.insert(violations.end(), found.begin(), found.end());
    }
  }
  std::sort(violations.begin(), violations.end());
  return violations;
}

}  // namespace galvatron
