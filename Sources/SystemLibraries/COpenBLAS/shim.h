// The one door to this Debian library: its own header and nothing else.
#pragma once
#include <cblas.h>
