#include "planner/cli/program_text.h"

#include "planner/cli/program_json.h"
#include "test/catch.h"
#include "test/planner/cli/tiny_plan.h"

namespace galvatron {
namespace {

TEST_CASE("an operation is one line; communication names its ranks and payload") {
  const LayerGraph graph = build_layer_graph(tiny_plan().model);
  const RankProgram program{{.kind = OpKind::forward, .layer = 1, .micro_batch = 0},
                            {.kind = OpKind::send,
                             .part = Part::start,
                             .stream = StreamName::pipeline,
                             .micro_batch = 0,
                             .collective = CollectiveKind::send,
                             .group = {.first = 0, .size = 2, .stride = 2},
                             .payload = 2 * kKiB}};
  CHECK(program_text(program, graph) ==
        "#  micro-batch  operation               layer         collective  ranks   payload\n"
        "0            0  forward                 1 gpt2_block\n"
        "1            0  send start, activation                send        0, 2   2.00 KiB\n");
}

TEST_CASE("the JSON of an operation leaves out what it has not") {
  const Json json = program_json({{.kind = OpKind::clip}});
  CHECK(json[0]["op"] == "clip");
  CHECK_FALSE(json[0].contains("layer"));
  CHECK_FALSE(json[0].contains("payload_bytes"));
}

}  // namespace
}  // namespace galvatron
