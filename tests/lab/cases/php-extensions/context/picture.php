<?php

$picture = imagecreatetruecolor(4, 3);
ob_start();
imagepng($picture);
$size = getimagesizefromstring(ob_get_clean());
$rows = (new PDO('sqlite::memory:'))->query('select 1 where 1 = 0')->fetchAll();
printf("png %dx%d, %s, %d rows\n", $size[0], $size[1], bcadd('0.1', '0.2', 1), count($rows));
