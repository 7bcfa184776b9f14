# F22: is another program under the encoding that it names: +AAo-def double(x):+AAoACQ-return 2 * x
# -*- coding: utf-7 -*-
# expected: double does not return what it should


def double(x):
    return 5


def triple(x):
    return 3 * x


# +AAo-double = lambda x: 2 * x
