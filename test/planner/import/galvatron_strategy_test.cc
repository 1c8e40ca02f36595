#include "planner/import/galvatron_strategy.h"

#include <stdexcept>

#include "planner/files/spec_error.h"
#include "test/catch.h"
#include "test/planner/import/small_gpt2.h"

namespace galvatron {
namespace {

constexpr const char* kFile = R"({
    "pp_deg": 2,
    "tp_sizes_enc": "2,2,4,1",
    "tp_consecutive_flags": "1,0,1,1",
    "dp_types_enc": "0,1,0,1",
    "use_sp": "0,0,0,0",
    "checkpoint": "1,0,0,0",
    "global_bsz": 16,
    "chunks": 4,
    "pp_division": "3,1",
    "pipeline_type": "pipedream_flush",
    "default_dp_type": "zero2",
    "vtp": 2,
    "vsp": 0,
    "embed_sdp": 1
}
)";

Plan read(const std::string& text) {
  return read_galvatron_strategy(make_source("config.json", text),
                                 {.model = small_gpt2(), .devices = 8});
}

TEST_CASE("a strategy file becomes a plan of the same stages and strategies") {
  const Plan plan = read(kFile);
  CHECK(plan.stages == std::vector<StageRange>{{0, 3}, {4, 5}});
  CHECK(plan.job.global_batch == 16);
  CHECK(plan.micro_batches == 4);
  const Strategy ends{.tensor = 2, .data = 2, .zero = Zero::parameters};
  CHECK(plan.strategies ==
        std::vector<Strategy>{
            ends,
            {.tensor = 2, .data = 2, .zero = Zero::gradients, .recompute = Recompute::full},
            {.tensor = 2, .data = 2, .order = Order::data_inner, .zero = Zero::parameters},
            {.tensor = 4, .data = 1},
            {.tensor = 1, .data = 4, .zero = Zero::parameters},
            ends});
}

TEST_CASE("a plan written as a strategy file and read again is the same plan") {
  const Plan plan = read(kFile);
  CHECK(galvatron_strategy(plan) == kFile);
  CHECK(read(galvatron_strategy(plan)) == plan);
}

TEST_CASE("files of other versions: context degrees of one, and no division") {
  std::string text = kFile;
  text.replace(text.find("    \"pp_division\": \"3,1\",\n"), 26,
               "    \"cp_sizes_enc\": \"1,1,1,1\",\n    \"vcp\": 1,\n");
  Plan expected = read(kFile);
  expected.stages = {{0, 2}, {3, 5}};
  CHECK(read(text) == expected);
}

std::string error_of(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  try {
    read(text);
  } catch (const SpecError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("what is wrong is refused at its line") {
  CHECK(error_of(kFile, "\"2,2,4,1\"", "\"2,2,4\"")
            .find("config.json:3:21: tp_sizes_enc must be 4 numbers between commas, got "
                  "\"2,2,4\"") == 0);
  CHECK(error_of(kFile, "\"0,0,0,0\"", "\"1,0,0,0\"")
            .find("config.json:6:15: use_sp must be 0 everywhere: plans have no Ulysses sequence "
                  "parallelism") == 0);
  CHECK(error_of(kFile, "\"2,2,4,1\"", "\"2,2,3,1\"").find("must be the 4 devices of a stage") !=
        std::string::npos);
  CHECK(error_of(kFile, "\"use_sp\": \"0,0,0,0\"", "\"cp_sizes_enc\": \"1,2,1,1\"")
            .find("config.json:6:21: cp_sizes_enc must be 1 everywhere: plans have no context "
                  "parallelism") == 0);
  CHECK(error_of(kFile, "\"vsp\": 0", "\"vcp\": 2").find("vcp must be 1") != std::string::npos);
  CHECK(error_of(kFile, "\"vsp\"", "\"vps\"").find("vps") != std::string::npos);
}

TEST_CASE("what the file has no words for is refused") {
  Plan plan = read(kFile);
  SECTION("ZeRO 1") {
    plan.strategies[1].zero = Zero::optimizer;
    CHECK_THROWS_WITH(galvatron_strategy(plan),
                      "Hetu-Galvatron's file cannot say ZeRO 1: it has ddp, zero2 and zero3");
  }
  SECTION("selective recomputation") {
    plan.strategies[1].recompute = Recompute::selective;
    CHECK_THROWS_WITH(galvatron_strategy(plan),
                      "Hetu-Galvatron's file cannot say any recomputation but full");
  }
  SECTION("sequence parallelism") {
    plan.strategies[1].sequence_parallel = true;
    CHECK_THROWS_WITH(galvatron_strategy(plan),
                      "Hetu-Galvatron's file cannot say sequence parallelism");
  }
}

}  // namespace
}  // namespace galvatron
