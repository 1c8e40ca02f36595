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

TEST_CASE("peaks by category are those of the last step") {
  const TemporaryFolder folder;
  const std::string first =
      R"({"step_seconds": 1, "stage_peak_memory_bytes": [7], "stage_peak_by_category_bytes": [)"
      R"({"parameters": 7, "gradients": 0, "optimizer": 0, "activations": 0, "transient": 0}]})";
  const std::string second =
      R"({"step_seconds": 1, "stage_peak_memory_bytes": [15], "stage_peak_by_category_bytes": [)"
      R"({"parameters": 1, "gradients": 2, "optimizer": 3, "activations": 4, "transient": 5}]})";
  const RunLog log = read_run_log(folder.write("run.jsonl", first + "\n" + second + "\n"));
  CHECK(log.stage_parts == std::vector<PeakParts>{{{1}, {2}, {3}, {4}, {5}}});
  CHECK(read_run_log(folder.write("older.jsonl", kLine)).stage_parts.empty());
}

TEST_CASE("categories of other stages, or not all of them, are no log") {
  const TemporaryFolder folder;
  for (const char* parts : {"[]", R"([{"parameters": 7}])", "7"}) {
    const std::string path = folder.write(
        "run.jsonl", std::string(R"({"step_seconds": 1, "stage_peak_memory_bytes": [7], )") +
                         R"("stage_peak_by_category_bytes": )" + parts + "}\n");
    CHECK_THAT(error_text([&] { read_run_log(path); }), Catch::Contains("run.jsonl:1"));
  }
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
