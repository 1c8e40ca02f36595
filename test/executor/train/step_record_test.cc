#include "executor/train/step_record.h"

#include "test/catch.h"

namespace galvatron {
namespace {

const StepRecord kRecord{.step = 3,
                         .loss = 2.5,
                         .grad_norm = 0.75,
                         .learning_rate = 0.001,
                         .duration = {0.5},
                         .samples = 8,
                         .tokens = 256,
                         .stage_peaks = {Bytes{1048576}, Bytes{2097152}}};

TEST_CASE("a step as a line of JSON") {
  CHECK(json_line(kRecord) ==
        R"({"step":3,"loss":2.5,"grad_norm":0.75,"learning_rate":0.001,"step_seconds":0.5,)"
        R"("samples_per_second":16.0,"tokens_per_second":512.0,"peak_memory_bytes":2097152,)"
        R"("stage_peak_memory_bytes":[1048576,2097152]})");
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
