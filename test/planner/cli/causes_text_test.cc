#include "planner/cli/causes_text.h"

#include "test/catch.h"

namespace galvatron {
namespace {

const Exchange kRate{
    .what = "hardware inter_node.gb_per_s_per_node", .before = "50", .after = "25"};
const Exchange kModel{.what = "model", .before = {}, .after = {}};
const Exchange kStages{.what = "stages", .before = {}, .after = {}};
const Exchange kMemory{.what = "hardware device.memory_gib", .before = "80", .after = {}};

const StepCauses kCauses{.before = {2},
                         .after = {2.5},
                         .causes = {{.exchanged = {kRate}, .change = {0.6}},
                                    {.exchanged = {kMemory}, .change = {0}},
                                    {.exchanged = {kModel, kStages}, .change = {-0.1}}},
                         .unavailable = {}};

TEST_CASE("causes are listed in the order of their exchange and add up") {
  CHECK(causes_text(kCauses) ==
        "step 2.000 s -> 2.500 s (+25.00 %), exchanged in this order:\n"
        "cause                                              step  of the first\n"
        "hardware inter_node.gb_per_s_per_node 50 -> 25  +600 ms      +30.00 %\n"
        "model\n"
        "and stages                                      -100 ms       -5.00 %\n"
        "together                                        +500 ms      +25.00 %\n"
        "without effect: hardware device.memory_gib 80 -> absent\n");
}

TEST_CASE("causes that cannot be told are said to be missing") {
  const StepCauses causes{.causes = {}, .unavailable = "of the first plan: why"};
  CHECK(causes_text(causes) ==
        "the change of the step is not attributed to causes: of the first plan: why\n");
  CHECK(causes_json(causes) == Json{{"unavailable", "of the first plan: why"}});
}

TEST_CASE("programs read every cause, also one without effect") {
  const Json json = causes_json(kCauses);
  CHECK(json["before_seconds"] == 2.0);
  REQUIRE(json["causes"].size() == 3);
  CHECK(json["causes"][2]["exchanged"][1]["what"] == "stages");
  CHECK(json["causes"][2]["change_seconds"] == -0.1);
}

}  // namespace
}  // namespace galvatron
