#include "executor/checkpoint/checkpoint_folder.h"

#include <filesystem>
#include <fstream>
#include <optional>

#include "executor/checkpoint/manifest.h"
#include "test/catch.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;

void save(const std::string& folder, std::int64_t step,
          std::optional<std::int64_t> before = std::nullopt) {
  begin_checkpoint(folder, step);
  publish_checkpoint(folder, step, before);
}

std::string latest(const std::string& folder) {
  std::ifstream file(fs::path(folder) / "latest");
  std::string name;
  std::getline(file, name);
  return name;
}

TEST_CASE("a folder that is not there has no checkpoints") {
  const TemporaryFolder scratch;
  CHECK(saved_steps(scratch.path("none")).empty());
  CHECK(checkpoints_to_try(scratch.path("none")).empty());
}

TEST_CASE("the newest checkpoint and that before it are kept, and latest names the newest") {
  const TemporaryFolder scratch;
  const std::string folder = scratch.path("run");
  save(folder, 5);
  save(folder, 10, 5);
  save(folder, 15, 10);
  CHECK(saved_steps(folder) == std::vector<std::int64_t>{15, 10});
  CHECK(latest(folder) == "step-15");
}

TEST_CASE("a checkpoint under way does not count, and goes when the next one begins") {
  const TemporaryFolder scratch;
  const std::string folder = scratch.path("run");
  save(folder, 9);
  begin_checkpoint(folder, 10);
  CHECK(saved_steps(folder) == std::vector<std::int64_t>{9});
  begin_checkpoint(folder, 11);
  CHECK(!fs::exists(fs::path(folder) / "step-10.partial"));
}

TEST_CASE("going back to an older checkpoint replaces what came after it") {
  const TemporaryFolder scratch;
  const std::string folder = scratch.path("run");
  save(folder, 10);
  save(folder, 20, 10);
  scratch.write("run/step-20/old", "");
  save(folder, 20, 10);
  CHECK(!fs::exists(fs::path(folder) / "step-20" / "old"));
  save(folder, 15, 10);
  CHECK(saved_steps(folder) == std::vector<std::int64_t>{15, 10});
}

TEST_CASE("a damaged checkpoint does not take the place of the intact one before it") {
  const TemporaryFolder scratch;
  const std::string folder = scratch.path("run");
  save(folder, 10);
  save(folder, 20, 10);  // damaged; the run goes on from step 10
  save(folder, 25, 10);
  CHECK(saved_steps(folder) == std::vector<std::int64_t>{25, 10});
}

TEST_CASE("what latest names is tried first, then what came before it") {
  const TemporaryFolder scratch;
  const std::string folder = scratch.path("run");
  save(folder, 10);
  save(folder, 20, 10);
  CHECK(checkpoints_to_try(folder) ==
        std::vector<std::string>{checkpoint_path(folder, 20), checkpoint_path(folder, 10)});
  scratch.write("run/latest", "step-10\n");
  CHECK(checkpoints_to_try(folder) == std::vector<std::string>{checkpoint_path(folder, 10)});
}

TEST_CASE("a checkpoint itself may be named") {
  const TemporaryFolder scratch;
  scratch.write("manifest.json", "");
  CHECK(checkpoints_to_try(scratch.path("")) == std::vector<std::string>{scratch.path("")});
}

}  // namespace
}  // namespace galvatron
