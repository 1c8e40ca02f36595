// The program from outside: a plan file, --local, what it writes and the codes it ends with.
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "planner/model/layer_graph.h"
#include "planner/schedule/ledger.h"
#include "test/catch.h"
#include "test/executor/cli/program_run.h"

namespace galvatron {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

TEST_CASE("--local starts the plan's ranks, which train and write a line per step") {
  const fs::path log = scratch() / "log.jsonl";
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --steps 3 --data " +
                          data() + " --learning-rate 1e-2 --log " + log.string());
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  CHECK_THAT(ended.err, Contains("2 ranks over MPI, started by Open MPI"));
  CHECK_THAT(ended.out, Contains("step 3/3"));
  std::ifstream lines(log);
  std::vector<nlohmann::json> steps;
  for (std::string line; std::getline(lines, line);) steps.push_back(nlohmann::json::parse(line));
  REQUIRE(steps.size() == 3);
  CHECK(steps[2]["loss"].get<double>() < steps[0]["loss"].get<double>());
  REQUIRE(steps[0]["stage_peak_memory_bytes"].size() == 2);
  for (std::size_t stage = 0; stage < 2; ++stage) {
    std::int64_t sum = 0;
    for (const auto& part : steps[0]["stage_peak_by_category_bytes"][stage]) {
      sum += part.get<std::int64_t>();
    }
    CHECK(sum == steps[0]["stage_peak_memory_bytes"][stage]);
    CHECK(steps[0]["stage_peak_by_category_bytes"][stage]["optimizer"] > 0);
  }
}

TEST_CASE("--check-ledger counts what all ranks communicate in a step, as planned") {
  const fs::path log = scratch() / "ledger.jsonl";
  const Plan plan = two_rank_plan();
  const Ended ended =
      run("train " + write_plan(plan) + " --local --steps 2 --check-ledger --data " + data() +
          " --log " + log.string());
  INFO(ended.err);
  REQUIRE(ended.code == 0);
  std::size_t planned = 0;
  for (int rank = 0; rank < plan.devices; ++rank) {
    planned += predicted_ledger(plan, build_layer_graph(plan.model), rank).size();
  }
  std::ifstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    CHECK(nlohmann::json::parse(line)["ledger_entries"] == planned);
  }
}

TEST_CASE("a plan needs its number of ranks") {
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --data " + data());
  CHECK(ended.code == 20);
  CHECK_THAT(ended.err, Contains("the plan is for 2 devices, but 1 rank was started"));
}

TEST_CASE("the code of a rank that fails is the code of the run") {
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --data " + data() +
                          " --memory-limit 1KiB");
  INFO(ended.err);
  CHECK(ended.code == 23);
}

TEST_CASE("what the command line changes in the job is said") {
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --steps 1 --data " +
                          data() + " --clip-grad-norm 0.5");
  CHECK(ended.code == 0);
  CHECK_THAT(ended.err, Contains("clipping the gradient norm at 0.5, the plan says none"));
}

TEST_CASE("wrong arguments and files have their codes") {
  const std::string plan = write_plan(two_rank_plan());
  CHECK(run("train").code == 2);
  // Built without CUDA, or too few devices.
  const int without_gpu = run("train " + plan + " --local --device cuda --data " + data()).code;
  CHECK((without_gpu == 2 || without_gpu == 20));
  CHECK(run("train " + plan + " --local --transport nccl --data " + data()).code == 2);
  CHECK(run("train " + plan + " --local --data /nonexistent.txt").code == 3);
  CHECK(run("train /nonexistent.yaml --local --data " + data()).code == 3);
}

TEST_CASE("under --json an error is one object on standard output") {
  const Ended ended = run("train /nonexistent.yaml --local --json --data " + data());
  CHECK(nlohmann::json::parse(ended.out)["error"].contains("message"));
  const Ended usage = run("train --json");
  CHECK(nlohmann::json::parse(usage.out)["error"]["code"] == "usage");
}

TEST_CASE("an option that would do nothing is refused, and a bound is said") {
  const std::string train = "train " + write_plan(two_rank_plan()) + " --local --data " + data();
  const auto refused = [&](const std::string& options, const std::string& message) {
    const Ended ended = run(train + options);
    CHECK(ended.code == 2);
    CHECK_THAT(ended.err, Contains(message));
  };
  refused(" --trace t.json", "--trace requires --profile-steps");
  refused(" --min-learning-rate 1e-4", "needs --learning-rate-schedule cosine");
  refused(" --steps 0", "--steps: must be a number above 0, got 0");
  refused(" --learning-rate -1", "--learning-rate: must be a number above 0, got -1");
}

TEST_CASE("what cannot be written is found before the first step") {
  const std::string train =
      "train " + write_plan(two_rank_plan()) + " --local --steps 2 --data " + data() + " ";
  const std::string file = data() + "/below_a_file";
  const auto refused = [&](const std::string& options, int code) {
    const Ended ended = run(train + options);
    INFO(ended.err);
    CHECK(ended.code == code);
    CHECK_THAT(ended.err, Contains(file));
    CHECK_THAT(ended.out, !Contains("step 1/2"));
  };
  refused("--save " + file, 25);
  refused("--export-weights " + file, 3);
  refused("--profile-steps 2:2 --trace " + file + "/trace.json", 3);
  refused("--log " + file, 3);
}

TEST_CASE("a log that cannot be written any more ends, and the run goes on") {
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --steps 2 --data " +
                          data() + " --log /dev/full");
  CHECK(ended.code == 0);
  CHECK_THAT(ended.err, Contains("No space left on device; it ends before step 1"));
  CHECK_THAT(ended.out, Contains("step 2/2"));
}

TEST_CASE("a rank that breaks the memory limit says what was predicted") {
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --data " + data() +
                          " --memory-limit 60KiB");
  CHECK(ended.code == 23);
  CHECK_THAT(ended.err, Contains("exceed the memory limit"));
  CHECK_THAT(ended.err, Contains("activations"));
}

TEST_CASE("a loss that is not a number ends with code 24, the step and the rank") {
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --data " + data() +
                          " --learning-rate 1e30");
  CHECK(ended.code == 24);
  CHECK_THAT(ended.err, Contains(" of step 2 is "));
  CHECK_THAT(ended.err, Contains(" on rank"));
}

TEST_CASE("a run goes on from its checkpoint, and its log too") {
  const std::string folder = (scratch() / "checkpoints").string();
  const std::string log = (scratch() / "resumed.jsonl").string();
  const std::string common = "train " + write_plan(two_rank_plan()) + " --local --data " + data() +
                             " --log " + log + " --save " + folder;
  REQUIRE(run(common + " --steps 2 --save-every 1").code == 0);
  CHECK(run(common + " --steps 4").code == 2);
  const Ended ended = run(common + " --steps 4 --resume " + folder);
  CHECK(ended.code == 0);
  CHECK_THAT(ended.err, Contains("after step 2"));
  std::ifstream lines(log);
  std::string line;
  for (std::int64_t step = 1; step <= 4; ++step) {
    REQUIRE(std::getline(lines, line));
    CHECK(nlohmann::json::parse(line)["step"] == step);
  }
  CHECK(content(fs::path(folder) / "latest") == "step-4\n");
  CHECK_THAT(run(common + " --steps 4 --resume " + folder).err, Contains("nothing is left to do"));
  CHECK(run("train " + write_plan(two_rank_plan()) + " --local --data " + data() + " --resume " +
            scratch().string())
            .code == 25);
}

TEST_CASE("the operations of a step become a trace with the simulator's lanes") {
  const fs::path trace = scratch() / "trace.json";
  const Ended ended = run("train " + write_plan(two_rank_plan()) + " --local --steps 3 --data " +
                          data() + " --profile-steps 2:3 --trace " + trace.string());
  CHECK(ended.code == 0);
  int forwards = 0;
  std::vector<std::string> stages;
  const nlohmann::json written = nlohmann::json::parse(content(trace));
  for (const auto& event : written["traceEvents"]) {
    if (event["name"] == "process_name") stages.push_back(event["args"]["name"]);
    forwards += event.value("cat", "") == "forward";
  }
  CHECK(stages ==
        std::vector<std::string>{"measured, stage 0 (rank 0)", "measured, stage 1 (rank 1)"});
  CHECK(forwards == 2 * 2 * 4);  // steps, micro-batches, layers
}

TEST_CASE("launchers whose ranks MPI cannot join are refused with what to do") {
  const std::string train = "train " + write_plan(two_rank_plan()) + " --data " + data();
  const Ended torchrun = run(train, "RANK=0 WORLD_SIZE=2 LOCAL_RANK=0 MASTER_ADDR=127.0.0.1");
  CHECK(torchrun.code == 20);
  CHECK_THAT(torchrun.err, Contains("torchrun started 2 processes"));
  CHECK_THAT(torchrun.err, Contains("mpirun -n 2"));
  const Ended twice = run(train + " --local", "RANK=0 WORLD_SIZE=2 LOCAL_RANK=0");
  CHECK(twice.code == 20);
  CHECK_THAT(twice.err, Contains("torchrun has started this process as rank 0 of 2"));
  const Ended pmi = run(train, "PMI_RANK=1 PMI_SIZE=2");
  CHECK(pmi.code == 20);
  CHECK_THAT(pmi.err, Contains("PMI says this is rank 1 of 2, but MPI sees rank 0 of 1"));
}

}  // namespace
}  // namespace galvatron
