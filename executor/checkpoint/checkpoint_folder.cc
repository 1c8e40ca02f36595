#include "executor/checkpoint/checkpoint_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string_view>
#include <system_error>

#include "executor/checkpoint/manifest.h"
#include "planner/files/atomic_write.h"
#include "planner/files/quantity.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step-";
constexpr std::string_view kPartial = ".partial";
constexpr const char* kLatest = "latest";

std::string step_name(std::int64_t step) { return fmt::format("{}{}", kPrefix, step); }

std::optional<std::int64_t> step_of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  return parse_integer(name.substr(kPrefix.size()));
}

void sync_folder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const int error = descriptor < 0 || fsync(descriptor) != 0 ? errno : 0;
  if (descriptor >= 0) close(descriptor);
  // Some file systems cannot flush a directory; the files themselves are safe.
  if (error != 0 && error != EINVAL) {
    throw std::system_error(error, std::generic_category(),
                            fmt::format("fsync {}", folder.string()));
  }
}

void remove_leftovers(const fs::path& folder) {
  std::vector<fs::path> leftovers;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kPrefix) && name.ends_with(kPartial)) leftovers.push_back(entry.path());
  }
  for (const fs::path& leftover : leftovers) fs::remove_all(leftover);
}

std::optional<std::int64_t> latest_step(const fs::path& folder) {
  std::ifstream file(folder / kLatest);
  std::string name;
  return std::getline(file, name) ? step_of(name) : std::nullopt;
}

}  // namespace

std::string checkpoint_path(const std::string& folder, std::int64_t step) {
  return (fs::path(folder) / step_name(step)).string();
}

std::string begin_checkpoint(const std::string& folder, std::int64_t step) {
  fs::create_directories(folder);
  remove_leftovers(folder);
  std::string partial = checkpoint_path(folder, step).append(kPartial);
  fs::create_directory(partial);
  return partial;
}

std::string publish_checkpoint(const std::string& folder, std::int64_t step,
                               std::optional<std::int64_t> before) {
  std::string path = checkpoint_path(folder, step);
  const std::string partial = path + std::string(kPartial);
  sync_folder(partial);
  // A run that went back comes by here again; a folder can only be renamed over an empty one.
  const std::string replaced = path + ".replaced" + std::string(kPartial);
  if (fs::exists(path)) fs::rename(path, replaced);
  fs::rename(partial, path);
  sync_folder(folder);
  write_atomically((fs::path(folder) / kLatest).string(), step_name(step) + "\n");
  fs::remove_all(replaced);
  for (const std::int64_t other : saved_steps(folder)) {
    if (other != step && other != before) fs::remove_all(checkpoint_path(folder, other));
  }
  return path;
}

std::vector<std::int64_t> saved_steps(const std::string& folder) {
  std::vector<std::int64_t> steps;
  std::error_code missing;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, missing)) {
    const auto step = step_of(entry.path().filename().string());
    if (step && entry.is_directory()) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end(), std::greater<>());
  return steps;
}

std::vector<std::string> checkpoints_to_try(const std::string& folder) {
  if (fs::exists(fs::path(folder) / kManifestFile)) return {folder};
  const std::optional<std::int64_t> latest = latest_step(folder);
  std::vector<std::string> paths;
  if (latest) paths.push_back(checkpoint_path(folder, *latest));
  for (const std::int64_t step : saved_steps(folder)) {
    if (!latest || step < *latest) paths.push_back(checkpoint_path(folder, step));
  }
  return paths;
}

}  // namespace galvatron
