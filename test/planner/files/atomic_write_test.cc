#include "planner/files/atomic_write.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "test/catch.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::ptrdiff_t files_in(const TemporaryFolder& folder) {
  return std::distance(std::filesystem::directory_iterator(folder.path("")), {});
}

std::string write_error(const std::string& path, std::string_view text = "text") {
  try {
    write_atomically(path, text);
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("a file is created, and replaced as a whole") {
  const TemporaryFolder folder;
  const std::string path = folder.path("plan.yaml");
  write_atomically(path, "first, and longer");
  CHECK(contents(path) == "first, and longer");
  write_atomically(path, "second");
  CHECK(contents(path) == "second");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a plain name is written into the current directory") {
  const TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path(""));
  const std::string error = write_error("plan.yaml");
  std::filesystem::current_path(before);
  CHECK(error == "no error");
  CHECK(contents(folder.path("plan.yaml")) == "text");
}

TEST_CASE("a symbolic link stays, the file it names is replaced") {
  const TemporaryFolder folder;
  folder.write("target.yaml", "old");
  std::filesystem::create_symlink("target.yaml", folder.path("link.yaml"));
  write_atomically(folder.path("link.yaml"), "new");
  CHECK(std::filesystem::is_symlink(folder.path("link.yaml")));
  CHECK(contents(folder.path("target.yaml")) == "new");
}

TEST_CASE("an error names the path, the call and the reason") {
  const TemporaryFolder folder;
  const std::string nowhere = folder.path("nowhere/plan.yaml");
  CHECK(write_error(nowhere) == "cannot write " + nowhere + ": open: No such file or directory");
  const std::string directory = folder.path("directory");
  std::filesystem::create_directory(directory);
  CHECK(write_error(directory) ==
        "cannot write " + directory + ": expected a regular file: Is a directory");
  CHECK(write_error("/dev/null") ==
        "cannot write /dev/null: expected a regular file: Invalid argument");
}

TEST_CASE("an unwritable directory is refused and left as it was") {
  const TemporaryFolder folder;
  const std::string locked = folder.path("locked");
  std::filesystem::create_directory(locked);
  // Root may write anywhere but into /proc, where creating a file fails for everybody.
  const std::string path = geteuid() == 0 ? "/proc/plan.yaml" : locked + "/plan.yaml";
  REQUIRE(chmod(locked.c_str(), 0500) == 0);
  CHECK(write_error(path).find("cannot write " + path + ": open: ") == 0);
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("whether a file can be written is known beforehand, and asking leaves nothing") {
  const TemporaryFolder folder;
  const std::string path = folder.path("plan.yaml");
  require_writable(path);
  CHECK(files_in(folder) == 0);
  folder.write("plan.yaml", "old");
  require_writable(path);
  CHECK(contents(path) == "old");
  CHECK(files_in(folder) == 1);
  const std::string nowhere = folder.path("nowhere/plan.yaml");
  CHECK_THROWS_WITH(require_writable(nowhere),
                    "cannot write " + nowhere + ": open: No such file or directory");
  CHECK_THROWS_AS(require_writable("/dev/null"), std::system_error);
}

TEST_CASE("a write that fails halfway leaves the old file whole and nothing beside it") {
  const TemporaryFolder folder;
  const std::string path = folder.write("plan.yaml", "old");
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string error = write_error(path, std::string(5000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, previous);
  CHECK(error == "cannot write " + path + ": write: File too large");
  CHECK(contents(path) == "old");
  CHECK(files_in(folder) == 1);
}

}  // namespace
}  // namespace galvatron
