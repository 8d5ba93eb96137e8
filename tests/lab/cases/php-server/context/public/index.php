<?php
$file = __DIR__ . '/../data/visits';
$visits = (int) @file_get_contents($file) + 1;
file_put_contents($file, $visits);
echo 'hello ', htmlspecialchars($_GET['name'] ?? ''), ', visit ', $visits, "\n";
