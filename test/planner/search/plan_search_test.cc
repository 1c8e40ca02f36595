#include "planner/search/plan_search.h"

#include "test/catch.h"
#include "test/planner/search/requests.h"

namespace galvatron {

// The search adds up picoseconds, the certificate is about the price in floating point.
TEST_CASE("a plan's certificate keeps the gap that was asked for") {
  int with_gap = 0;
  for (const ExampleJob& job : {ExampleJob{"gpt2/tiny", "cpu_local", 16, kGiB},
                                {"llama/tiny", "cpu_local", 24, kGiB},
                                {"gpt2/gpt2_1.5b", "a100_80gb_sxm", 64, 15 * kGiB},
                                {"vit/vit_huge_32", "a100_80gb_sxm", 64, 15 * kGiB},
                                {"swin/swin_huge_32", "a100_80gb_sxm", 64, 15 * kGiB}}) {
    for (const double gap : {0.01, 0.001, 0.0001}) {
      INFO(job.model << " within " << gap);
      SearchRequest request = example_request(job);
      request.inputs.search = {.only = {{"pipeline", {"2", "4", "8"}}}, .gap = gap};
      const Certificate certificate = search_plan(request, {}).plan.value().certificate.value();
      CHECK(certificate.gap <= gap);
      with_gap += certificate.optimal ? 0 : 1;
    }
  }
  CHECK(with_gap >= 8);
}

}  // namespace galvatron
