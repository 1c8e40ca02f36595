#include "executor/train/step_record.h"

#include "test/catch.h"

namespace galvatron {
namespace {

// The first stage holds parameters only.
std::vector<CategoryBytes> stage_peaks() {
  CategoryBytes first, second;
  first[MemoryCategory::parameters] = Bytes{1048576};
  second[MemoryCategory::parameters] = Bytes{1048576};
  second[MemoryCategory::activations] = Bytes{1000000};
  second[MemoryCategory::transient] = Bytes{48576};
  return {first, second};
}

const StepRecord kRecord{.step = 3,
                         .loss = 2.5,
                         .grad_norm = 0.75,
                         .learning_rate = 0.001,
                         .duration = {0.5},
                         .samples = 8,
                         .tokens = 256,
                         .stage_peaks = stage_peaks()};

TEST_CASE("a step as a line of JSON") {
  CHECK(json_line(kRecord) ==
        R"({"step":3,"loss":2.5,"grad_norm":0.75,"learning_rate":0.001,"step_seconds":0.5,)"
        R"("samples_per_second":16.0,"tokens_per_second":512.0,"peak_memory_bytes":2097152,)"
        R"("stage_peak_memory_bytes":[1048576,2097152],"stage_peak_by_category_bytes":[)"
        R"({"parameters":1048576,"gradients":0,"optimizer":0,"activations":0,"transient":0},)"
        R"({"parameters":1048576,"gradients":0,"optimizer":0,"activations":1000000,)"
        R"("transient":48576}]})");
}

TEST_CASE("a compared ledger ends the line of JSON") {
  StepRecord record = kRecord;
  record.ledger_entries = 12;
  CHECK_THAT(json_line(record), Catch::Matchers::EndsWith("}],\"ledger_entries\":12}"));
}

TEST_CASE("a step as a line for people") {
  CHECK(text_line(kRecord, 10) ==
        "step 3/10   loss 2.5000   norm 0.750   rate 1.00e-03   0.500 s   16 samples/s   512 "
        "tokens/s   2.0 MiB");
}

TEST_CASE("utilization is told where it is known") {
  StepRecord record = kRecord;
  record.utilization = 0.4125;
  CHECK_THAT(text_line(record, 10), Catch::Matchers::EndsWith("2.0 MiB   MFU 41.2 %"));
  CHECK_THAT(json_line(record), Catch::Matchers::Contains("\"model_flops_utilization\":0.4125,"));
}

}  // namespace
}  // namespace galvatron
