#include "planner/files/run_log.h"

#include "test/catch.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

constexpr const char* kLine =
    R"({"step": 1, "step_seconds": 0.25, "stage_peak_memory_bytes": [7]})";

TEST_CASE("a run's log is its steps and the last peaks of its stages") {
  const TemporaryFolder folder;
  const std::string text =
      std::string(kLine) + "\n" + R"({"step_seconds": 0.5, "stage_peak_memory_bytes": [9]})" + "\n";
  const RunLog log = read_run_log(folder.write("run.jsonl", text));
  CHECK(log.steps == std::vector<Seconds>{{0.25}, {0.5}});
  CHECK(log.stage_peaks == std::vector<Bytes>{{9}});
}

TEST_CASE("a line that is no step is refused by its number") {
  const TemporaryFolder folder;
  const std::string path = folder.write("run.jsonl", std::string(kLine) + "\n{\"loss\": 1}\n");
  CHECK_THAT(error_text([&] { read_run_log(path); }),
             Catch::Contains("run.jsonl:2") && Catch::Contains("must be an object with"));
  CHECK_THAT(error_text([&] { read_run_log(folder.path("none.jsonl")); }),
             Catch::Contains("cannot be read"));
}

}  // namespace
}  // namespace galvatron
