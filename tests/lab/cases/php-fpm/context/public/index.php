<?php

echo PHP_SAPI, " says hello\n";
