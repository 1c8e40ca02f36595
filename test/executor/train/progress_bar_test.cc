#include "executor/train/progress_bar.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("times are written as on a clock") {
  CHECK(clock_text({7.2}) == "0:07");
  CHECK(clock_text({754}) == "12:34");
  CHECK(clock_text({10925}) == "3:02:05");
}

TEST_CASE("progress says how far the run is and what is left") {
  CHECK(progress_text(0, 60, {600}) == "[------------------------] 0/60  0 %  10:00 left");
  CHECK(progress_text(15, 60, {83}) == "[######------------------] 15/60  25 %  1:23 left");
  CHECK(progress_text(60, 60, {0}) == "[########################] 60/60  100 %  0:00 left");
}

}  // namespace
}  // namespace galvatron
